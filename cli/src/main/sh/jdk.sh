# Sourced by ./efc and ./test.

# Prints the home of a JDK 25 or newer: JAVA_HOME, then PATH, then the usual folders. Reads the `release` file each JDK
# carries instead of starting it.
find_jdk25() {
  local home version found
  found=$(command -v javac || true)
  for home in "${JAVA_HOME:-}" "${found:+$(readlink -f "${found:-/}" | sed 's,/bin/javac$,,')}" \
    /usr/lib/jvm/*25* /usr/lib/jvm/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/*; do
    [[ -n $home && -x $home/bin/javac && -r $home/release ]] || continue
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
    if [[ ${version:-0} -ge 25 ]]; then
      printf '%s\n' "$home"
      return 0
    fi
  done
  echo "efc: no JDK 25 in JAVA_HOME, PATH or /usr/lib/jvm: install one (Debian: apt-get install openjdk-25-jdk, else https://adoptium.net) or set JAVA_HOME to it" >&2
  return 1
}
