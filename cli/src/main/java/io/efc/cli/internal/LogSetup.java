package io.efc.cli.internal;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * Logging in code instead of XML, since reading XML costs more than a command's whole work. Lines go to standard error, which
 * {@code efc up} points at a file per process. Level: {@code -Defc.log.level} or, failing that, {@code EFC_LOG}; WARN for
 * commands, INFO for processes.
 */
public final class LogSetup extends ContextAwareBase implements Configurator {
    /** The system property with the level's name. */
    static final String LEVEL = "efc.log.level";

    private static final String PATTERN = "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level [%thread] %logger{24}: %msg%n";

    /** What replicates the masters' log says much of every election, and more of every peer that is away. */
    private static final String RATIS = "org.apache.ratis";

    private static final String RATIS_TRANSPORT = RATIS + ".grpc";
    private static final String RATIS_LIBRARIES = RATIS + ".thirdparty";

    /** Held, since java.util.logging forgets levels of loggers that nobody holds. */
    private static final java.util.logging.Logger LIBRARIES = java.util.logging.Logger.getLogger(RATIS_LIBRARIES);

    /** Makes this process log as a long-running one does, unless its caller chose a level. */
    static void process() {
        if (System.getProperty(LEVEL) == null && System.getenv("EFC_LOG") == null) {
            System.setProperty(LEVEL, "INFO");
        }
    }

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        String level = System.getProperty(LEVEL, System.getenv().getOrDefault("EFC_LOG", "WARN"));
        root.setLevel(Level.toLevel(level, Level.WARN));
        root.addAppender(appender);
        if (root.getLevel().isGreaterOrEqual(Level.INFO)) {
            context.getLogger(RATIS).setLevel(Level.WARN);
            context.getLogger(RATIS_TRANSPORT).setLevel(Level.ERROR);
            LIBRARIES.setLevel(java.util.logging.Level.WARNING);
        }
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
