package io.efc.master;

import io.efc.base.Check;
import io.efc.rpc.Address;
import java.util.Map;
import java.util.TreeMap;

/**
 * The masters of one runtime, all of which have to be told the same.
 *
 * @param self which of them this one is
 * @param replication where each, by its name, listens for the others, who prove that they have the runtime's secret
 */
public record MasterPeers(String self, Map<String, Address.Tcp> replication) {
    public MasterPeers {
        replication = new TreeMap<>(replication);
        int count = replication.size();
        Check.argument(
                count != 2,
                "2 masters stop when either fails, so they survive less than 1 and cost more; accepted: 1, 3");
        Check.argument(count == 1 || count == 3, "%d masters; accepted: 1, 3", count);
        Check.argument(replication.containsKey(self), "this master's name '" + self + "' is not one of " + replication);
        replication.forEach((name, address) -> Check.argument(
                name.matches("[a-z0-9-]{1,40}") && address.port() != 0,
                "master '" + name + "' at " + address
                        + ": a name has 1 to 40 of a-z, 0-9 and '-', and its port is not 0"));
    }
}
