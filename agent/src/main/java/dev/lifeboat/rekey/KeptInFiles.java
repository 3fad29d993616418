package dev.lifeboat.rekey;

import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.KeyFiles;
import dev.lifeboat.keys.Recipient;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.unseal.SealedShare;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.unseal.ShareFile;
import dev.lifeboat.unseal.UnsealException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// A file for each share, encrypted: to its custodian, or to those who can open the backups.
///
/// @param folder is there
/// @param custodians one for each share, in their order; empty to encrypt each to all of `others`
/// @param key of whoever runs this, to read them back
/// @param unseen whether they are verified although they cannot be read back here
public record KeptInFiles(
    Path folder,
    List<RecipientKey> custodians,
    List<? extends Recipient> others,
    ShareFile.Key key,
    boolean unseen)
    implements Keeping {
  public KeptInFiles {
    custodians = List.copyOf(custodians);
    others = List.copyOf(others);
  }

  @Override
  public String words() {
    return custodians.isEmpty()
        ? "files in %s, each encrypted to %s"
            .formatted(folder, String.join(", ", others.stream().map(Recipient::words).toList()))
        : "files in %s, one encrypted to each of %s"
            .formatted(
                folder, String.join(", ", custodians.stream().map(Recipient::words).toList()));
  }

  @Override
  public String keep(NewShares shares, Consumer<String> before) {
    Path place = folder.resolve(shares.name());
    before.accept(place.toString());
    for (int index = 0; index < shares.keys().size(); index++) {
      int number = index + 1;
      List<? extends Recipient> to = custodians.isEmpty() ? others : List.of(custodians.get(index));
      SealedShare sealed =
          SealedShare.seal(
              shares.keys().get(index),
              shares.target().kind(),
              "%s.%d".formatted(shares.name(), number),
              shares.clusterId(),
              to);
      KeyFiles.writePrivate(file(place.toString(), number), new Secret(sealed.toJson()));
    }
    return place.toString();
  }

  /// `RUN-ATTEMPT.NUMBER.share`, `RUN-ATTEMPT.NUMBER.ann.share`.
  private Path file(String place, int number) {
    String whose =
        custodians.isEmpty()
            ? ""
            : "." + custodians.get(number - 1).comment().replaceAll("[^A-Za-z0-9_-]+", "-");
    return Path.of(place + "." + number + (whose.equals(".") ? "" : whose) + SealedShare.SUFFIX);
  }

  /// Whoever has the key of one of three custodians reads one of three.
  @Override
  public Optional<List<Share>> readBack(String place, int threshold) throws InterruptedException {
    if (key.get().isEmpty()) {
      return Optional.empty();
    }
    List<Share> shares = new ArrayList<>();
    int count = Math.max(custodians.size(), threshold);
    for (int number = 1; number <= count; number++) {
      try {
        shares.addAll(new ShareFile(file(place, number)).read(false, key));
      } catch (UnsealException notForUs) {
        if (custodians.isEmpty()) {
          throw notForUs;
        }
      }
    }
    return shares.size() < threshold ? Optional.empty() : Optional.of(shares);
  }
}
