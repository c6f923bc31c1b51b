package io.efc.master.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.master.MasterPeers;
import io.efc.rpc.Address;
import io.efc.rpc.Secret;
import io.efc.testing.support.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslProvider;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may talk to a master's port for the others, with real Ratis servers and clients. */
@Tag("slow")
final class PeerTlsIT {
    private static final String RUNTIME = "ns/tls";
    private static final Secret RIGHT = secret("the secret of this runtime");
    private static final Secret WRONG = secret("the secret of another one");
    private static final Class<?>[] REFUSED = {IOException.class, StatusRuntimeException.class};
    private static final Duration LONG = Duration.ofSeconds(60);

    /** An election that ends without a leader, and more. */
    private static final Duration ELECTIONS = Duration.ofSeconds(2);

    @TempDir
    private Path directory = Path.of("");

    private final TreeMap<String, Address.Tcp> places = new TreeMap<>();
    private final List<Replica> running = new ArrayList<>();

    private static Secret secret(String text) {
        return new Secret(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Parameters tls(Secret secret) {
        Parameters transport = new Parameters();
        GrpcConfigKeys.TLS.setConf(transport, PeerTls.of(secret, "127.0.0.1"));
        return transport;
    }

    private static Parameters plainText() {
        return new Parameters();
    }

    /** Of somebody who believes any server, and shows a certificate of another secret or none. */
    private static Parameters credulous(boolean shows) {
        GrpcTlsConfig.Builder tls = GrpcTlsConfig.newBuilder()
                .setTrustManager(InsecureTrustManagerFactory.INSTANCE.getTrustManagers()[0])
                .setSslProvider(SslProvider.JDK)
                .setMutualTls(shows);
        if (shows) {
            var wrong = PeerTls.of(WRONG, "127.0.0.1").getKeyManager();
            tls.setPrivateKey(wrong.getPrivateKey()).setKeyCertificates(wrong.getKeyCertificates());
        }
        Parameters transport = new Parameters();
        GrpcConfigKeys.TLS.setConf(transport, tls.build());
        return transport;
    }

    @BeforeEach
    void choosePorts() {
        for (String name : List.of("m1", "m2", "m3")) {
            places.put(name, new Address.Tcp("127.0.0.1", Ports.free()));
        }
    }

    @AfterEach
    void stop() {
        running.forEach(Replica::close);
    }

    private Replica start(String name, String state, Parameters transport) {
        Replica replica = Replica.start(RUNTIME, new MasterPeers(name, places), directory.resolve(state), transport);
        running.add(replica);
        return replica;
    }

    private void end(Replica replica) {
        running.remove(replica);
        replica.close();
    }

    private Replica leader() {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (System.nanoTime() - deadline < 0) {
            for (Replica replica : running) {
                if (replica.leadingTerm() >= 0) {
                    return replica;
                }
            }
            LockSupport.parkNanos(5_000_000);
        }
        throw new AssertionError("no master leads within " + LONG);
    }

    private void nobodyLeads() {
        long deadline = System.nanoTime() + ELECTIONS.toNanos();
        while (System.nanoTime() - deadline < 0) {
            assertThat(running).allSatisfy(r -> assertThat(r.leadingTerm()).isNegative());
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static void awaitSession(Replica replica, String id) {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!replica.copy().hasSession(id)) {
            assertThat(System.nanoTime() - deadline).isNegative();
            LockSupport.parkNanos(5_000_000);
        }
    }

    private static Command session(String id) {
        return new Command.SessionOpened(1, id, "node", "/mnt");
    }

    @Test
    void whoLacksTheSecretNeitherVotesNorLeadsNorIsToldAnything() throws Exception {
        for (String name : places.keySet()) {
            start(name, name, tls(RIGHT));
        }
        leader().write(session("s")).get(LONG.toSeconds(), TimeUnit.SECONDS);
        Replica third = running.getLast();
        awaitSession(third, "s");
        end(third);
        Replica stranger = start("m3", "wrong", tls(WRONG));
        end(leader());
        Replica left = running.getFirst();
        nobodyLeads();
        assertThat(stranger.copy().hasSession("s")).isFalse();
        end(stranger);

        stranger = start("m3", "plain", plainText());
        nobodyLeads();
        assertThat(stranger.copy().hasSession("s")).isFalse();
        end(stranger);

        third = start("m3", "m3", tls(RIGHT));
        Replica leads = leader();
        assertThat(leads).isIn(left, third);
        leads.write(session("t")).get(LONG.toSeconds(), TimeUnit.SECONDS);
        assertThat(leads.copy().hasSession("s")).isTrue();
        assertThat(leads.copy().hasSession("t")).isTrue();
    }

    @Test
    void whoLacksTheSecretCannotAppendThroughAnyOfThePort() throws Exception {
        for (String name : places.keySet()) {
            start(name, name, tls(RIGHT));
        }
        leader();
        for (Parameters transport : List.of(tls(WRONG), plainText(), credulous(true), credulous(false))) {
            try (RaftClient stranger = client(transport)) {
                assertThatThrownBy(() -> append(stranger, "stranger")).isInstanceOfAny(REFUSED);
                for (RaftPeer peer : peers()) {
                    assertThatThrownBy(() ->
                                    stranger.getGroupManagementApi(peer.getId()).list())
                            .isInstanceOfAny(REFUSED);
                }
                assertThatThrownBy(() -> stranger.admin().setConfiguration(peers().subList(0, 1)))
                        .isInstanceOfAny(REFUSED);
            }
        }
        try (RaftClient member = client(tls(RIGHT))) {
            assertThat(append(member, "member").isSuccess()).isTrue();
            for (RaftPeer peer : peers()) {
                assertThat(member.getGroupManagementApi(peer.getId()).list().isSuccess())
                        .isTrue();
            }
        }
        awaitSession(leader(), "member");
        assertThat(leader().copy().hasSession("stranger")).isFalse();
    }

    @Test
    void theKeyIsThatOfTheSecretWhoeverDerivesIt() {
        assertThat(secret("the secret of this runtime").derive("a", 48)).isEqualTo(RIGHT.derive("a", 48));
        assertThat(RIGHT.derive("b", 48)).isNotEqualTo(RIGHT.derive("a", 48));
        assertThat(WRONG.derive("a", 48)).isNotEqualTo(RIGHT.derive("a", 48));
    }

    private List<RaftPeer> peers() {
        return places.entrySet().stream()
                .map(e -> RaftPeer.newBuilder()
                        .setId(e.getKey())
                        .setAddress(e.getValue().toString())
                        .build())
                .toList();
    }

    private RaftClient client(Parameters transport) {
        return RaftClient.newBuilder()
                .setProperties(new RaftProperties())
                .setParameters(transport)
                .setRaftGroup(RaftGroup.valueOf(Replica.group(RUNTIME), peers()))
                .setRetryPolicy(RetryPolicies.retryUpToMaximumCountWithFixedSleep(
                        5, org.apache.ratis.util.TimeDuration.valueOf(100, TimeUnit.MILLISECONDS)))
                .build();
    }

    private static RaftClientReply append(RaftClient client, String session) throws IOException {
        return client.io()
                .send(Message.valueOf(ByteString.copyFrom(session(session).encode())));
    }
}
