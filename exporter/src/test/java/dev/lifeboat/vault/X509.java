package dev.lifeboat.vault;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/// A certificate with its private key, made here: keytool would be a JVM of its own for each, two
/// seconds of a test run. Just enough DER of RFC 5280, section 4.1, for a name, alternative names
/// and a signature.
public record X509(X509Certificate certificate, PrivateKey key) {
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OCTET_STRING = 0x04;
  private static final int OBJECT_ID = 0x06;
  private static final int UTF8_STRING = 0x0c;
  private static final int GENERALIZED_TIME = 0x18;
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final SecureRandom RANDOM = new SecureRandom();

  /// An authority that signed itself.
  public static X509 authority(String name) {
    // basicConstraints, critical, CA:TRUE
    byte[] isAuthority = extension("551d13", true, der(SEQUENCE, bytes("0101ff")));
    return make(name, "EC", isAuthority, Optional.empty());
  }

  /// One that signed itself and is no authority.
  ///
  /// @param names such as `dns:vault.example.org,ip:127.0.0.1`
  public static X509 selfSigned(String name, String names) {
    return make(name, "EC", alternativeNames(names), Optional.empty());
  }

  /// One signed by this authority.
  ///
  /// @param keyAlgorithm `EC`, `RSA`, `Ed25519`
  public X509 sign(String name, String keyAlgorithm, String names) {
    return make(name, keyAlgorithm, alternativeNames(names), Optional.of(this));
  }

  public Instant end() {
    return certificate.getNotAfter().toInstant();
  }

  public String certificatePem() {
    try {
      return pem("CERTIFICATE", certificate.getEncoded());
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /// PKCS#8, unencrypted.
  public String keyPem() {
    return pem("PRIVATE KEY", key.getEncoded());
  }

  private static X509 make(
      String name, String keyAlgorithm, byte[] extension, Optional<X509> issuer) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(keyAlgorithm);
      if (!keyAlgorithm.equals("Ed25519")) {
        generator.initialize(keyAlgorithm.equals("EC") ? 256 : 2048, RANDOM);
      }
      KeyPair keys = generator.generateKeyPair();
      // All authorities here have elliptic keys: ecdsa-with-SHA256.
      byte[] algorithm = der(SEQUENCE, der(OBJECT_ID, bytes("2a8648ce3d040302")));
      byte[] subject = name(name);
      Instant now = Instant.now();
      byte[] toBeSigned =
          der(
              SEQUENCE,
              der(0xa0, der(INTEGER, new byte[] {2})),
              der(INTEGER, new BigInteger(63, RANDOM).setBit(62).toByteArray()),
              algorithm,
              issuer
                  .map(by -> by.certificate.getSubjectX500Principal().getEncoded())
                  .orElse(subject),
              der(SEQUENCE, time(now.minusSeconds(3600)), time(now.plusSeconds(172_800))),
              subject,
              keys.getPublic().getEncoded(),
              der(0xa3, der(SEQUENCE, extension)));
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(issuer.map(X509::key).orElse(keys.getPrivate()));
      signature.update(toBeSigned);
      byte[] whole = der(SEQUENCE, toBeSigned, algorithm, bits(signature.sign()));
      var parsed =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(whole));
      return new X509((X509Certificate) parsed, keys.getPrivate());
    } catch (GeneralSecurityException failed) {
      throw new IllegalStateException(failed);
    }
  }

  /// One relative name: CN.
  private static byte[] name(String common) {
    byte[] value = der(UTF8_STRING, common.getBytes(UTF_8));
    return der(SEQUENCE, der(SET, der(SEQUENCE, der(OBJECT_ID, bytes("550403")), value)));
  }

  private static byte[] alternativeNames(String names) {
    byte[][] each =
        Arrays.stream(names.split(",", -1))
            .map(
                name ->
                    name.startsWith("ip:")
                        ? der(0x87, InetAddress.ofLiteral(name.substring(3)).getAddress())
                        : der(0x82, name.substring("dns:".length()).getBytes(US_ASCII)))
            .toArray(byte[][]::new);
    return extension("551d11", false, der(SEQUENCE, each));
  }

  private static byte[] extension(String objectId, boolean critical, byte[] value) {
    byte[] flag = critical ? bytes("0101ff") : new byte[0];
    return der(SEQUENCE, der(OBJECT_ID, bytes(objectId)), flag, der(OCTET_STRING, value));
  }

  private static byte[] time(Instant at) {
    return der(GENERALIZED_TIME, TIME.format(at).getBytes(US_ASCII));
  }

  private static byte[] bits(byte[] value) {
    return der(BIT_STRING, new byte[1], value);
  }

  private static byte[] der(int tag, byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    var out = new ByteArrayOutputStream();
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else {
      byte[] size = BigInteger.valueOf(length).toByteArray();
      int skip = size[0] == 0 ? 1 : 0;
      out.write(0x80 | (size.length - skip));
      out.write(size, skip, size.length - skip);
    }
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] bytes(String hex) {
    return java.util.HexFormat.of().parseHex(hex);
  }

  private static String pem(String type, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(type, body, type);
  }
}
