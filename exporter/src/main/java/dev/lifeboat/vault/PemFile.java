package dev.lifeboat.vault;

import dev.lifeboat.vault.VaultException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads certificates and an unencrypted PKCS#8 key (RSA, EC, Ed25519, Ed448) from PEM files.
/// Whatever is wrong is a [VaultException] of reason `TLS` that names the file.
final class PemFile {
  private static final long LIMIT_BYTES = 4 << 20;
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
  private static final List<String> KEY_TYPES = List.of("EC", "RSA", "Ed25519", "Ed448");

  private record Block(String type, byte[] der) {}

  private PemFile() {}

  /// In the order of the file; at least one.
  static List<X509Certificate> certificates(Path file) {
    try {
      var factory = CertificateFactory.getInstance("X.509");
      var certificates = new ArrayList<X509Certificate>();
      for (Block block : blocks(file)) {
        if (block.type().equals("CERTIFICATE")) {
          certificates.add(
              (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
        }
      }
      if (certificates.isEmpty()) {
        throw wrong(file, "no certificate in it", "it must hold -----BEGIN CERTIFICATE-----");
      }
      return certificates;
    } catch (GeneralSecurityException broken) {
      throw wrong(file, "a broken certificate in it", "make it anew or copy it again");
    }
  }

  static PrivateKey privateKey(Path file) {
    List<Block> keys =
        blocks(file).stream().filter(block -> block.type().endsWith("PRIVATE KEY")).toList();
    if (keys.size() != 1) {
      throw wrong(
          file,
          keys.isEmpty() ? "no private key in it" : "more than one private key in it",
          "it must hold one -----BEGIN PRIVATE KEY-----");
    }
    if (!keys.getFirst().type().equals("PRIVATE KEY")) {
      throw wrong(
          file,
          "holds '" + keys.getFirst().type() + "', expected 'PRIVATE KEY' (PKCS#8, unencrypted)",
          "openssl pkcs8 -topk8 -nocrypt -in %s -out %s.pk8".formatted(file, file));
    }
    var encoded = new PKCS8EncodedKeySpec(keys.getFirst().der());
    for (String type : KEY_TYPES) {
      try {
        return KeyFactory.getInstance(type).generatePrivate(encoded);
      } catch (InvalidKeySpecException anotherType) {
        // The next kind may fit.
      } catch (GeneralSecurityException absent) {
        throw new IllegalStateException("the JDK knows no " + type + " keys", absent);
      }
    }
    throw wrong(file, "a private key of an unknown kind", "use RSA, EC, Ed25519 or Ed448");
  }

  private static List<Block> blocks(Path file) {
    String text;
    try {
      if (Files.size(file) > LIMIT_BYTES) {
        throw wrong(file, "larger than 4 MiB", "this is no PEM file");
      }
      text = Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException failed) {
      throw wrong(
          file,
          "cannot be read (" + failed.getClass().getSimpleName() + ")",
          "it must exist and be readable by the user that lifeboat runs as");
    }
    var blocks = new ArrayList<Block>();
    Matcher match = BLOCK.matcher(text);
    while (match.find()) {
      try {
        blocks.add(new Block(match.group(1), Base64.getMimeDecoder().decode(match.group(2))));
      } catch (IllegalArgumentException notBase64) {
        throw wrong(file, "broken PEM in it", "make it anew or copy it again");
      }
    }
    return blocks;
  }

  private static VaultException wrong(Path file, String message, String hint) {
    return new VaultException(Reason.TLS, file + ": " + message + "\nhint: " + hint);
  }
}
