package dev.lifeboat.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A configuration with one key of every kind, for the tests of mistakes.
record SampleConfig(
    String name,
    Optional<String> region,
    boolean quiet,
    URI address,
    List<URI> peers,
    Backup backup,
    Map<String, String> users,
    Map<String, Path> stores) {
  static final String REFERENCE =
      """
      name = "node"
      region = null
      quiet = false
      vault { address = "https://127.0.0.1:8200", peers = [] }
      backup {
        keep-daily = 7, timeout = 5s, chunk = 64KiB, retention = latest-only
        token = null, spare-token = null, spool = "/var/lib/spool", tags = []
      }
      users {}
      stores {}
      unused-by-this-program = 1
      """;

  static final Map<String, String> ENVIRONMENT =
      Map.of("TOKEN", "from-the-environment", "EMPTY", " ", "HOME", "/root");

  enum Retention {
    LATEST_ONLY,
    EVERY_DAY,
    FOREVER
  }

  record Backup(
      int keepDaily,
      Duration timeout,
      ByteSize chunk,
      Retention retention,
      SecretSource token,
      Optional<SecretSource> spareToken,
      Path spool,
      List<String> tags) {
    Backup {
      if (timeout.toSeconds() * 10 < keepDaily) {
        throw new IllegalArgumentException("a record may refuse a placeholder");
      }
    }
  }

  static SampleConfig read(Path file, Map<String, String> environment) {
    return ConfigFile.read(file, REFERENCE, environment, SampleConfig::from);
  }

  private static SampleConfig from(Section root) {
    Section vault = root.section("vault");
    Section backup = root.section("backup");
    Section stores = root.section("stores");
    var paths = new java.util.LinkedHashMap<String, Path>();
    for (String name : stores.names("")) {
      paths.put(name, stores.section(name).path("path"));
    }
    if (vault.address("address").getPort() == 1) {
      vault.problem("address", "port 1 is nobody's", "look it up");
    }
    return new SampleConfig(
        root.text("name"),
        root.optionalText("region"),
        root.flag("quiet"),
        vault.address("address"),
        vault.addresses("peers"),
        new Backup(
            backup.number("keep-daily", 1, 365),
            backup.duration("timeout", Duration.ofMillis(100), Duration.ofHours(2)),
            backup.size("chunk", new ByteSize(1024), ByteSize.mebibytes(16)),
            backup.choice("retention", Retention.class),
            backup.secret("token"),
            backup.optionalSecret("spare-token"),
            backup.path("spool"),
            backup.texts("tags")),
        root.pairs("users"),
        paths);
  }
}
