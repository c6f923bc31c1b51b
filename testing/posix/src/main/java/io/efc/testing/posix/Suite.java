package io.efc.testing.posix;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** All rules, in the order of their groups. */
final class Suite {
    private final List<Rule> rules = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private String group = "";

    private Suite() {}

    /** Every rule there is. */
    static List<Rule> all() {
        Suite s = new Suite();
        PathRules.addTo(s);
        OpenRules.addTo(s);
        IoRules.addTo(s);
        TruncateRules.addTo(s);
        DirectoryRules.addTo(s);
        LinkRules.addTo(s);
        RenameRules.addTo(s);
        SymlinkRules.addTo(s);
        NodeRules.addTo(s);
        ModeRules.addTo(s);
        OwnerRules.addTo(s);
        TimeRules.addTo(s);
        LockRules.addTo(s);
        XattrRules.addTo(s);
        SpaceRules.addTo(s);
        MmapRules.addTo(s);
        WholeRules.addTo(s);
        return List.copyOf(s.rules);
    }

    /** The rules that follow belong to this group. */
    void group(String name) {
        group = name;
    }

    /** A rule that means something on every file system. */
    void rule(String sentence, Rule.Steps steps) {
        add(sentence, EnumSet.noneOf(Capability.class), steps);
    }

    /** A rule about something that a file system may lack. */
    void rule(String sentence, Capability need, Rule.Steps steps) {
        add(sentence, EnumSet.of(need), steps);
    }

    /** A rule about two things that a file system may lack. */
    void rule(String sentence, Capability need, Capability needToo, Rule.Steps steps) {
        add(sentence, EnumSet.of(need, needToo), steps);
    }

    /** A rule about things that a file system may lack. */
    void rule(String sentence, Set<Capability> needs, Rule.Steps steps) {
        add(sentence, needs, steps);
    }

    private void add(String sentence, Set<Capability> needs, Rule.Steps steps) {
        String name = group + ": " + sentence;
        if (!names.add(name)) {
            throw new IllegalStateException("two rules are called " + name);
        }
        rules.add(new Rule(name, needs, steps));
    }
}
