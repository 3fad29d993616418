package dev.lifeboat.keys;

import dev.lifeboat.keys.KeyException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A document taken apart at its signature line; nothing is verified yet.
///
/// @param content every byte before the signature line
record SignedDocument(byte[] content, String signerId, byte[] signature) {
  /*
   *   document  = content signature-line
   *   content   = 1*( *OCTET LF )             no line of it begins with "-- lifeboat-signature-"
   *   signature-line = "-- lifeboat-signature-1" SP signer-id SP base64 LF
   *   signer-id = 16 lower-case hex digits    the first of SHA-256(public key)
   *   base64    = 88 characters               64 bytes of Ed25519, canonical
   *
   * The signature covers exactly the bytes of content, the last line end included, and nothing
   * else. So nothing has to be re-serialised to check it: a manifest is signed text, `head -n -1`
   * gives what was signed, and a reader that knows fewer fields than the writer agrees with it
   * about every byte.
   *
   * The line names the signer only to find the key to try. It is not signed: a changed id names
   * another key, under which the signature does not verify, or one that is not pinned.
   *
   * One spelling: one signature line, at the very end, ending in LF, single spaces, canonical
   * Base64. A document that verifies therefore differs in no byte from the one that was signed,
   * and its SHA-256 may be used as its name.
   *
   * The same key signs manifests and wrapped data keys. What keeps one from being taken for the
   * other is the `type` inside the signed content; every reader must check it.
   */
  static final int DOCUMENT_BYTES_MAX = 4 << 20;

  private static final String MARK = "-- lifeboat-signature-";
  private static final Pattern LINE =
      Pattern.compile("-- lifeboat-signature-1 ([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)");

  static byte[] join(byte[] content, String signerId, byte[] signature) {
    if (content.length == 0 || content[content.length - 1] != '\n') {
      throw new IllegalArgumentException("the content of a document ends with a line end");
    }
    if (content.length > DOCUMENT_BYTES_MAX / 2) {
      throw new IllegalArgumentException("the content has %d bytes".formatted(content.length));
    }
    if (marks(content) != 0) {
      throw new IllegalArgumentException("the content holds a signature line already");
    }
    byte[] line =
        (MARK + "1 " + signerId + " " + KeyLine.encode(signature) + "\n")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] document = Arrays.copyOf(content, content.length + line.length);
    System.arraycopy(line, 0, document, content.length, line.length);
    return document;
  }

  static SignedDocument split(byte[] document) {
    if (document.length > DOCUMENT_BYTES_MAX) {
      throw bad("it has %d bytes, at most %d".formatted(document.length, DOCUMENT_BYTES_MAX));
    }
    if (document.length == 0) {
      throw bad("it is empty");
    }
    if (document[document.length - 1] != '\n') {
      throw bad("its last line has no end, so it was cut");
    }
    int start = document.length - 1;
    while (start > 0 && document[start - 1] != '\n') {
      start--;
    }
    if (!startsWithMark(document, start)) {
      throw bad("its last line is no signature");
    }
    byte[] content = Arrays.copyOf(document, start);
    if (start == 0 || marks(content) != 0) {
      throw bad("it does not consist of content and one signature line");
    }
    String line =
        new String(document, start, document.length - 1 - start, StandardCharsets.ISO_8859_1);
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      throw bad("its signature line is damaged, or of another version");
    }
    try {
      return new SignedDocument(content, parts.group(1), KeyLine.decodeCanonical(parts.group(2)));
    } catch (IllegalArgumentException e) {
      throw bad("its signature line is damaged");
    }
  }

  private static int marks(byte[] content) {
    int marks = 0;
    for (int i = 0; i < content.length; i++) {
      if ((i == 0 || content[i - 1] == '\n') && startsWithMark(content, i)) {
        marks++;
      }
    }
    return marks;
  }

  private static boolean startsWithMark(byte[] bytes, int from) {
    byte[] mark = MARK.getBytes(StandardCharsets.US_ASCII);
    return bytes.length - from >= mark.length
        && Arrays.equals(bytes, from, from + mark.length, mark, 0, mark.length);
  }

  private static KeyException bad(String what) {
    return new KeyException(
        Reason.BAD_DOCUMENT,
        "not a signed document: "
            + what
            + "\nhint: fetch it again, from another store if one has"
            + " it");
  }
}
