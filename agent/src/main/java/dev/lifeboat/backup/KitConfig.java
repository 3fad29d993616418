package dev.lifeboat.backup;

import dev.lifeboat.config.Section;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The `backup.kit` block: what lies beside each backup, so that a cluster can be built anew.
///
/// @param enabled whether there is a kit at all
/// @param required whether a backup fails when a file cannot be read
/// @param files absolute paths, the last part may be a pattern; their content is kept
/// @param hashed the same; only size and SHA-256 are kept
/// @param custodians who has shares of the unseal or recovery key
public record KitConfig(
    boolean enabled,
    boolean required,
    List<String> files,
    List<String> hashed,
    List<String> custodians) {
  /// No kit.
  public static final KitConfig NONE = new KitConfig(false, false, List.of(), List.of(), List.of());

  private static final int WORDS_MAX = 200;

  public KitConfig {
    files = List.copyOf(files);
    hashed = List.copyOf(hashed);
    custodians = List.copyOf(custodians);
  }

  static KitConfig from(Section kit) {
    return new KitConfig(
        kit.flag("enabled"),
        kit.flag("required"),
        paths(kit, "files"),
        paths(kit, "hashed"),
        custodians(kit));
  }

  private static List<String> paths(Section kit, String key) {
    List<String> paths = kit.texts(key);
    for (String path : paths) {
      Path folder = path.startsWith("/") ? Path.of(path).getParent() : null;
      if (folder == null || folder.toString().matches(".*[*?\\[{].*")) {
        kit.problem(
            key,
            "'%s' is no absolute path with a pattern in its last part only".formatted(path),
            "such as /etc/openbao/*.hcl");
      }
    }
    return paths;
  }

  private static List<String> custodians(Section kit) {
    List<String> custodians = new ArrayList<>();
    for (String custodian : kit.texts("custodians")) {
      if (custodian.length() > WORDS_MAX || custodian.chars().anyMatch(Character::isISOControl)) {
        kit.problem("custodians", "a name of 1 to 200 characters in one line was expected", "");
      }
      custodians.add(custodian);
    }
    return custodians;
  }

  /// The same with another file: Lifeboat's own configuration.
  KitConfig with(Path file) {
    List<String> more = new ArrayList<>(files);
    more.add(file.toString());
    return new KitConfig(enabled, required, more, hashed, custodians);
  }
}
