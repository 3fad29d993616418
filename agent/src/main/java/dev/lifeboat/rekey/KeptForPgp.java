package dev.lifeboat.rekey;

import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.KeyFiles;
import dev.lifeboat.unseal.Share;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// A file for each share, which the server itself has encrypted to the PGP key of its custodian.
///
/// @param folder is there
/// @param keyFiles one for each share, in their order: public keys, binary or ASCII
public record KeptForPgp(Path folder, List<Path> keyFiles) implements Keeping {
  private static final String BEGIN = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
  private static final int LINE_CHARS = 64;

  public KeptForPgp {
    keyFiles = List.copyOf(keyFiles);
  }

  @Override
  public String words() {
    return "files in %s, one encrypted to the PGP key of each of %s"
        .formatted(folder, keyFiles.stream().map(Path::toString).collect(Collectors.joining(", ")));
  }

  @Override
  public List<String> pgpKeys() {
    return keyFiles.stream().map(KeptForPgp::base64).toList();
  }

  private static String base64(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      int begin = text.indexOf(BEGIN);
      if (begin < 0) {
        return Base64.getEncoder().encodeToString(bytes);
      }
      // After the headers comes a blank line; the line with its checksum begins with `=`.
      List<String> lines = text.substring(begin).lines().toList();
      int blank = lines.stream().map(String::isBlank).toList().indexOf(true);
      return lines.stream()
          .skip(blank + 1L)
          .takeWhile(line -> !line.startsWith("=") && !line.startsWith("-"))
          .map(String::strip)
          .collect(Collectors.joining());
    } catch (IOException e) {
      throw new RekeyException(
          "the PGP key %s cannot be read\nhint: gpg --export --armor WHO > FILE".formatted(file),
          e);
    }
  }

  @Override
  public String keep(NewShares shares, Consumer<String> before) {
    Path place = folder.resolve(shares.name());
    before.accept(place.toString());
    for (int index = 0; index < shares.keys().size(); index++) {
      String whose = String.valueOf(keyFiles.get(index).getFileName()).replaceAll("\\..*", "");
      Path file = Path.of("%s.%d.%s.asc".formatted(place, index + 1, whose));
      KeyFiles.writePrivate(file, armored(shares.keys().get(index)));
    }
    return place.toString();
  }

  private static Secret armored(Secret base64) {
    List<String> lines = new ArrayList<>();
    String text = base64.reveal();
    for (int from = 0; from < text.length(); from += LINE_CHARS) {
      lines.add(text.substring(from, Math.min(text.length(), from + LINE_CHARS)));
    }
    return new Secret(
        "-----BEGIN PGP MESSAGE-----\n\n"
            + String.join("\n", lines)
            + "\n-----END PGP MESSAGE-----");
  }

  /// Only the custodians can.
  @Override
  public Optional<List<Share>> readBack(String place, int threshold) {
    return Optional.empty();
  }
}
