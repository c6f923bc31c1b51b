package io.efc.cli.internal;

import io.efc.api.Manifests;
import io.efc.base.Metrics;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The run from which the start-up cache ({@code -XX:AOTCacheOutput}) is made: it loads every class of EFC, and the libraries' classes that
 * a command touches when it parses a command line and a manifest, and, where that can be had, plays a {@link Rehearsal}. Started by the
 * launcher after a build.
 */
@Command(name = "aot-training", hidden = true, description = "Load what the start-up cache shall hold.")
final class AotTrainingCommand implements Callable<Integer> {
    @Option(names = "--install", description = "Install the NFS server that the rehearsal needs.")
    private boolean install;

    @Override
    public Integer call() {
        int loaded = 0;
        for (String path : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            loaded += path.endsWith(".jar") ? load(path) : 0;
        }
        LogSetup.process();
        System.getLogger("io.efc.cli").log(System.Logger.Level.INFO, "training");
        Manifests manifests = Manifests.parse("quickstart", Blueprint.QUICKSTART);
        Output.text(manifests.all().getFirst().resource(), Output.Format.json);
        Output.text(manifests.all().getLast().resource(), Output.Format.yaml);
        serveAndScrape();
        EfcCommand.run("no-such-command");
        EfcCommand.run("completion", "--help");
        System.out.println(loaded + " classes loaded");
        rehearse();
        return 0;
    }

    /** Without it processes start as fast, and their data path is slower for some seconds. */
    private void rehearse() {
        try {
            if (install) {
                Startup.requireNfsServer();
            }
            Optional<String> obstacle = Rehearsal.obstacle();
            if (obstacle.isEmpty()) {
                Rehearsal.play();
            }
            System.out.println(obstacle.map(o -> "no rehearsal: " + o).orElse("rehearsed"));
        } catch (IOException | RuntimeException e) {
            System.out.println("no rehearsal: " + e.getMessage());
        }
    }

    private static void serveAndScrape() {
        Metrics metrics = new Metrics();
        JvmMetrics.register(metrics);
        try (HttpEndpoint http = new HttpEndpoint(0, metrics, () -> "")) {
            Scrape.of(http.port());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int load(String path) {
        try (JarFile jar = new JarFile(path)) {
            List<String> names = jar.stream()
                    .map(JarEntry::getName)
                    .filter(n -> n.startsWith("io/efc/") && n.endsWith(".class") && !n.endsWith("-info.class"))
                    .toList();
            for (String name : names) {
                Class.forName(
                        name.substring(0, name.length() - 6).replace('/', '.'),
                        false,
                        AotTrainingCommand.class.getClassLoader());
            }
            return names.size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ClassNotFoundException | NoClassDefFoundError e) {
            throw new IllegalStateException("a class of " + path + " cannot be loaded", e);
        }
    }
}
