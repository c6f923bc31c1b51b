package io.efc.master.internal;

import io.efc.rpc.Secret;
import java.io.IOException;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.time.Instant;
import java.util.Date;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.security.TlsConf.CertificatesConf;
import org.apache.ratis.security.TlsConf.PrivateKeyConf;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslProvider;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.IPAddress;

/**
 * TLS between the masters of one runtime, both ways, with nothing to hand out but the runtime's secret. An EC key is derived from it; each
 * master signs itself a certificate with that key and accepts whoever shows one of the same key. TLS has the peer prove that it has the key,
 * so that it has the secret.
 */
final class PeerTls {
    private static final String CURVE = "secp256r1";
    private static final String PURPOSE = "efc masters tls key " + CURVE;

    /** So many more bits than the curve's order has that the remainder by it is as good as uniform (FIPS 186-5, A.2.1). */
    private static final int SEED_BYTES = 32 + 16;

    private static final X500Name NAME = new X500Name("CN=efc masters");

    private static final Instant NOT_BEFORE = Instant.parse("2020-01-01T00:00:00Z");

    /** Of certificates that do not expire (RFC 5280, 4.1.2.5): the key lives as long as the secret. */
    private static final Instant NOT_AFTER = Instant.parse("9999-12-31T23:59:59Z");

    private PeerTls() {}

    /**
     * What a master shows its peers, and demands of them.
     *
     * @param host where the others look for it, a name or an address
     */
    static GrpcTlsConfig of(Secret secret, String host) {
        try {
            X9ECParameters curve = CustomNamedCurves.getByName(CURVE);
            BigInteger number = new BigInteger(1, secret.derive(PURPOSE, SEED_BYTES))
                    .mod(curve.getN().subtract(BigInteger.ONE))
                    .add(BigInteger.ONE);
            var point = new FixedPointCombMultiplier()
                    .multiply(curve.getG(), number)
                    .normalize();
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec(CURVE));
            ECParameterSpec spec = parameters.getParameterSpec(ECParameterSpec.class);
            KeyFactory keys = KeyFactory.getInstance("EC");
            PrivateKey key = keys.generatePrivate(new ECPrivateKeySpec(number, spec));
            PublicKey shown = keys.generatePublic(new ECPublicKeySpec(
                    new ECPoint(
                            point.getAffineXCoord().toBigInteger(),
                            point.getAffineYCoord().toBigInteger()),
                    spec));
            X509Certificate certificate = certificate(key, shown, host);
            return GrpcTlsConfig.newBuilder()
                    .setPrivateKey(new PrivateKeyConf(key))
                    .setKeyCertificates(new CertificatesConf(certificate))
                    .setTrustCertificates(new CertificatesConf(certificate))
                    .setMutualTls(true)
                    .setSslProvider(SslProvider.JDK)
                    .setProtocols("TLSv1.3")
                    .build();
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("no TLS certificate can be made for a master at " + host, e);
        }
    }

    private static X509Certificate certificate(PrivateKey key, PublicKey shown, String host)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        GeneralName place =
                new GeneralName(IPAddress.isValid(host) ? GeneralName.iPAddress : GeneralName.dNSName, host);
        return new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                NAME, BigInteger.ONE, Date.from(NOT_BEFORE), Date.from(NOT_AFTER), NAME, shown)
                        .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                        .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(place))
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    }
}
