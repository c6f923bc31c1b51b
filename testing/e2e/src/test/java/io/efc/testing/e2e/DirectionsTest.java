package io.efc.testing.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Who may know whom. Maven keeps modules apart; this keeps packages apart where Maven's transitive dependencies would let them through. */
class DirectionsTest {
    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.efc");

    /** Module to the modules it may use, itself left out. */
    private static final Map<String, Set<String>> ALLOWED = Map.ofEntries(
            Map.entry("base", Set.of()),
            Map.entry("fuse", Set.of("base")),
            Map.entry("nfs", Set.of("base")),
            Map.entry("store", Set.of("base", "nfs")),
            Map.entry("cache", Set.of("base")),
            Map.entry("rpc", Set.of("base")),
            Map.entry("lease", Set.of("base")),
            Map.entry("master", Set.of("base", "rpc", "lease")),
            Map.entry("worker", Set.of("base", "rpc", "cache", "store")),
            Map.entry("client", Set.of("base", "fuse", "rpc", "cache", "lease", "store")),
            Map.entry("api", Set.of()),
            Map.entry(
                    "cli",
                    Set.of("base", "fuse", "store", "cache", "rpc", "master", "worker", "client", "api", "testing")),
            Map.entry(
                    "testing",
                    Set.of("base", "fuse", "nfs", "store", "cache", "rpc", "lease", "master", "worker", "client")));

    private static final Pattern MODULE = Pattern.compile("io\\.efc\\.([a-z]+)(\\.internal)?.*");

    private static String module(JavaClass c) {
        Matcher m = MODULE.matcher(c.getPackageName());
        return m.matches() ? m.group(1) : "";
    }

    /** {@code from -> to} of all dependencies that {@code wrong} finds. */
    private static Set<String> dependencies(Predicate<Dependency> wrong) {
        Set<String> found = new TreeSet<>();
        for (JavaClass c : ALL) {
            for (Dependency d : c.getDirectDependenciesFromSelf()) {
                if (wrong.test(d)) {
                    found.add(c.getName() + " -> " + d.getTargetClass().getName());
                }
            }
        }
        return found;
    }

    @Test
    void seesEveryModule() {
        Set<String> seen = new TreeSet<>();
        ALL.forEach(c -> seen.add(module(c)));
        assertThat(seen).containsExactlyInAnyOrderElementsOf(ALLOWED.keySet());
    }

    @Test
    void modulesUseOnlyWhatIsBelowThem() {
        assertThat(dependencies(d -> {
                    String from = module(d.getOriginClass());
                    String to = module(d.getTargetClass());
                    return !to.isEmpty()
                            && !from.equals(to)
                            && !ALLOWED.getOrDefault(from, Set.of()).contains(to);
                }))
                .isEmpty();
    }

    @Test
    void internalPackagesAreUsedOnlyByTheirModule() {
        assertThat(dependencies(d -> d.getTargetClass().getPackageName().contains(".internal")
                        && !module(d.getTargetClass()).isEmpty()
                        && !module(d.getOriginClass()).equals(module(d.getTargetClass()))))
                .isEmpty();
    }

    @Test
    void theDataPlaneKnowsNoKubernetes() {
        assertThat(dependencies(d -> d.getTargetClass().getPackageName().startsWith("io.fabric8")
                        && !module(d.getOriginClass()).equals("api")
                        && !module(d.getOriginClass()).equals("cli")))
                .isEmpty();
    }

    @Test
    void memoryIsReinterpretedOnlyInBase() {
        Set<String> found = new TreeSet<>();
        for (JavaClass c : ALL) {
            c.getMethodCallsFromSelf().stream()
                    .filter(call -> call.getTargetOwner().getName().equals("java.lang.foreign.MemorySegment")
                            && call.getName().equals("reinterpret"))
                    .filter(call -> !module(c).equals("base"))
                    .forEach(call -> found.add(call.getDescription()));
        }
        assertThat(found).isEmpty();
    }

    /** A clock that is set forward or back by an hour moves no lease: they are timed by the monotonic clock alone. */
    @Test
    void leasesAreNotTimedByTheWallClock() {
        Set<String> timed = Set.of("lease", "master", "rpc", "client");
        Set<String> found = new TreeSet<>();
        for (JavaClass c : ALL) {
            // The directories above the mounts get the time at which they were made.
            boolean isMaking = c.getName().equals("io.efc.client.internal.Client");
            c.getMethodCallsFromSelf().stream()
                    .filter(call -> timed.contains(module(c)) && !isMaking && isWallClock(call))
                    .forEach(call -> found.add(call.getDescription()));
        }
        assertThat(found).isEmpty();
    }

    private static boolean isWallClock(JavaMethodCall call) {
        String owner = call.getTargetOwner().getName();
        return (owner.equals("java.lang.System") && call.getName().equals("currentTimeMillis"))
                || (owner.startsWith("java.time.") && call.getName().equals("now"));
    }

    @Test
    void nobodyUsesUnsafe() {
        assertThat(dependencies(d -> d.getTargetClass().getName().equals("sun.misc.Unsafe")))
                .isEmpty();
    }
}
