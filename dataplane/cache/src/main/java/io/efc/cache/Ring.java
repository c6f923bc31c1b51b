package io.efc.cache;

import io.efc.base.Check;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The workers that hold blocks, as of one epoch; a later epoch replaces an earlier one.
 *
 * @param epoch grows with every change of the members
 * @param members in any order: placement does not depend on it
 */
public record Ring(long epoch, List<RingMember> members) {
    public Ring {
        members = List.copyOf(members);
        Set<String> ids = new HashSet<>();
        for (RingMember member : members) {
            Check.argument(ids.add(member.id()), "ring member id " + member.id() + " appears twice");
        }
    }
}
