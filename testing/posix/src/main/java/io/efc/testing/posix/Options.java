package io.efc.testing.posix;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code --name value} pairs of a command line; what is wrong ends the program with code 2. */
final class Options {
    private final Map<String, String> values = new HashMap<>();

    private Options() {}

    static Options of(String[] args, String... known) {
        Options options = new Options();
        for (int i = 0; i < args.length; i += 2) {
            if (!List.of(known).contains(args[i])) {
                throw refuse("unknown option " + args[i] + "; known are " + String.join(", ", known));
            }
            if (i + 1 == args.length) {
                throw refuse("a value is missing behind " + args[i]);
            }
            options.values.put(args[i], args[i + 1]);
        }
        return options;
    }

    long number(String name, long otherwise) {
        String text = values.get(name);
        try {
            return text == null ? otherwise : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw refuse(name + " takes a number, not " + text);
        }
    }

    Path directory(String name) {
        String text = values.get(name);
        if (text == null) {
            throw refuse(name + " is missing");
        }
        try {
            return Path.of(text).toRealPath();
        } catch (IOException e) {
            throw refuse(name + " " + text + " cannot be used: " + e);
        }
    }

    private static IllegalArgumentException refuse(String why) {
        System.err.println(why);
        System.exit(2);
        return new IllegalArgumentException(why);
    }
}
