package dev.lifeboat.keys;

import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.KeyException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.interfaces.XECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;

/// A [RecipientIdentity] in a file that only a passphrase opens: the public line, and below it a
/// PKCS#8 `ENCRYPTED PRIVATE KEY` in PEM (RFC 5958, RFC 8018: PBES2, PBKDF2 with HMAC-SHA-256 and a
/// million rounds, AES-256-CBC), which `openssl pkey` and every library of X.509 keys read.
///
/// ```
/// lifeboat-recipient-1 BASE64 escrow
/// -----BEGIN ENCRYPTED PRIVATE KEY-----
/// …
/// -----END ENCRYPTED PRIVATE KEY-----
/// ```
///
/// CBC does not notice a changed byte; the public line does: what comes out must be its other half.
public final class ProtectedIdentity {
  static final int ROUNDS = 1_000_000;

  private static final String ALGORITHM = "PBEWithHmacSHA256AndAES_256";
  private static final String BEGIN = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
  private static final String END = "-----END ENCRYPTED PRIVATE KEY-----";
  private static final int SALT_BYTES = 16;
  private static final int BLOCK_BYTES = 16;
  private static final int PASSPHRASE_CHARS_MIN = 12;
  private static final int LINE_CHARS = 64;

  private ProtectedIdentity() {}

  /// Why this cannot be a passphrase; empty when it can. Only what every keyboard and every program
  /// writes alike: 12 or more characters of printable ASCII.
  public static String objection(Secret passphrase) {
    String text = passphrase.reveal();
    if (text.length() < PASSPHRASE_CHARS_MIN) {
      return "a passphrase of %d characters, at least %d are needed"
          .formatted(text.length(), PASSPHRASE_CHARS_MIN);
    }
    return text.chars().allMatch(c -> c >= ' ' && c <= '~')
        ? ""
        : "a passphrase with a character that is not printable ASCII";
  }

  /// The content of the file, without its last line end. Takes about a second.
  public static Secret protect(RecipientIdentity identity, Secret passphrase) {
    String objection = objection(passphrase);
    if (!objection.isEmpty()) {
      throw new IllegalArgumentException(objection);
    }
    byte[] raw = identity.revealBytes();
    try {
      byte[] plain =
          KeyFactory.getInstance("X25519")
              .generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, raw))
              .getEncoded();
      byte[] salt = new byte[SALT_BYTES];
      byte[] iv = new byte[BLOCK_BYTES];
      SecureRandom random = new SecureRandom();
      random.nextBytes(salt);
      random.nextBytes(iv);
      Cipher cipher = Cipher.getInstance(ALGORITHM);
      cipher.init(
          Cipher.ENCRYPT_MODE,
          key(passphrase),
          new PBEParameterSpec(salt, ROUNDS, new IvParameterSpec(iv)));
      // The same parameters by the name that PKCS#8 knows: the JDK finds none for the cipher's own.
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("PBES2");
      parameters.init(cipher.getParameters().getEncoded());
      byte[] der = new EncryptedPrivateKeyInfo(parameters, cipher.doFinal(plain)).getEncoded();
      Arrays.fill(plain, (byte) 0);
      String body = Base64.getMimeEncoder(LINE_CHARS, new byte[] {'\n'}).encodeToString(der);
      return new Secret(identity.recipient() + "\n" + BEGIN + "\n" + body + "\n" + END);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("every JDK has X25519 and PBES2", e);
    } finally {
      Arrays.fill(raw, (byte) 0);
    }
  }

  /// Whether the file needs a passphrase; [KeyException] when it cannot be read.
  public static boolean isProtected(Path file) {
    return KeyFiles.lines(KeyKind.IDENTITY, file).stream()
        .anyMatch(line -> line.text().strip().equals(BEGIN));
  }

  /// The public half, for which no passphrase is needed.
  public static RecipientKey recipient(Path file) {
    return RecipientKey.parse(publicLine(file, KeyFiles.lines(KeyKind.IDENTITY, file)));
  }

  /// [KeyException] with `WRONG_KEY` when the passphrase is another one. Takes about a second.
  public static RecipientIdentity open(Path file, Secret passphrase) {
    KeyFiles.requirePrivate(file, KeyKind.IDENTITY.origin());
    List<KeyFiles.NumberedLine> lines = KeyFiles.lines(KeyKind.IDENTITY, file);
    RecipientKey recipient = RecipientKey.parse(publicLine(file, lines));
    byte[] raw = decrypt(file, lines, passphrase);
    try {
      RecipientIdentity identity = new RecipientIdentity(raw.clone(), recipient.comment());
      if (!identity.recipient().equals(recipient)) {
        throw wrong(file);
      }
      return identity;
    } finally {
      Arrays.fill(raw, (byte) 0);
    }
  }

  private static String publicLine(Path file, List<KeyFiles.NumberedLine> lines) {
    return lines.stream()
        .map(KeyFiles.NumberedLine::text)
        .filter(line -> line.startsWith(KeyKind.RECIPIENT.word() + " "))
        .findFirst()
        .orElseThrow(
            () ->
                KeyLine.bad(
                    file.toString(),
                    "the public line above the encrypted key is missing",
                    "copy the whole file again"));
  }

  private static byte[] decrypt(Path file, List<KeyFiles.NumberedLine> lines, Secret passphrase) {
    String body =
        lines.stream()
            .map(line -> line.text().strip())
            .dropWhile(line -> !line.equals(BEGIN))
            .skip(1)
            .takeWhile(line -> !line.equals(END))
            .collect(Collectors.joining());
    EncryptedPrivateKeyInfo encrypted;
    try {
      encrypted = new EncryptedPrivateKeyInfo(Base64.getDecoder().decode(body));
    } catch (IllegalArgumentException | IOException e) {
      throw KeyLine.bad(
          file.toString(), "the encrypted key is damaged or cut", "copy the whole file again");
    }
    try {
      Cipher cipher = Cipher.getInstance(ALGORITHM);
      cipher.init(Cipher.DECRYPT_MODE, key(passphrase), encrypted.getAlgParameters());
      var found = KeyFactory.getInstance("X25519").generatePrivate(encrypted.getKeySpec(cipher));
      return ((XECPrivateKey) found).getScalar().orElseThrow();
    } catch (GeneralSecurityException e) {
      // A wrong passphrase gives wrong padding, or by chance bytes that are no key.
      throw wrong(file);
    }
  }

  private static SecretKey key(Secret passphrase) throws GeneralSecurityException {
    char[] characters = passphrase.reveal().toCharArray();
    PBEKeySpec spec = new PBEKeySpec(characters);
    try {
      return SecretKeyFactory.getInstance(ALGORITHM).generateSecret(spec);
    } finally {
      spec.clearPassword();
      Arrays.fill(characters, ' ');
    }
  }

  private static KeyException wrong(Path file) {
    return new KeyException(
        Reason.WRONG_KEY,
        file
            + ": this passphrase does not open it\nhint: capital letters, the keyboard's layout;"
            + " or the file was damaged, then take its other copy");
  }
}
