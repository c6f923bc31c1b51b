package io.efc.testing.e2e;

/** Manifests for tests. */
final class Yaml {
    private Yaml() {}

    /** The quickstart with another store and small tiers. */
    static String of(String mountPoint, String options, String quota) {
        return """
                apiVersion: data.fluid.io/v1alpha1
                kind: Dataset
                metadata: {name: e2e}
                spec:
                  mounts:
                    - {mountPoint: "%s", name: efc, path: "/", options: {%s}}
                ---
                apiVersion: data.fluid.io/v1alpha1
                kind: EFCRuntime
                metadata: {name: e2e}
                spec:
                  replicas: 3
                  tieredstore: {levels: [{mediumtype: MEM, path: /dev/shm, quota: %s}]}
                """.formatted(mountPoint, options, quota);
    }

    /** A server that `up` has to start on {@code port}. */
    static String nfs(int port) {
        return of("nfs://127.0.0.1:/export", "port: \"" + port + "\", nconnect: \"4\"", "128Mi");
    }
}
