package io.efc.store;

import org.junit.jupiter.api.Nested;

/** The contract over NFSv4.1 against a real server. */
class Nfs4StoreIT {
    @Nested
    class Names extends NamespaceContract {
        private final NfsServerOfClass server = new NfsServerOfClass("4.1");

        @Override
        UnderStore openStore() throws Exception {
            return server.open();
        }

        @Override
        void closeStore() {
            server.stop();
        }
    }

    @Nested
    class Data extends DataContract {
        private final NfsServerOfClass server = new NfsServerOfClass("4.1");

        @Override
        UnderStore openStore() throws Exception {
            return server.open();
        }

        @Override
        void closeStore() {
            server.stop();
        }
    }

    @Nested
    class Attributes extends AttributesContract {
        private final NfsServerOfClass server = new NfsServerOfClass("4.1");

        @Override
        UnderStore openStore() throws Exception {
            return server.open();
        }

        @Override
        void closeStore() {
            server.stop();
        }
    }
}
