package dev.lifeboat.kms;

import dev.lifeboat.config.Section;
import dev.lifeboat.store.AwsSyntax;
import dev.lifeboat.store.CredentialsSyntax;
import dev.lifeboat.store.S3Config.Credentials;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// One block below `backup.kms`: a key of AWS KMS that every data key is wrapped for.
///
/// @param name of the block; in documents the recipient's comment, in metrics a label
/// @param key an ARN, an id or `alias/…`
/// @param region the SDK's own search when absent, or `us-east-1` with an endpoint
/// @param endpoint AWS when absent
/// @param caFile PEM; the JDK's certificate authorities when absent
/// @param credentials of the node, which needs `kms:Encrypt` and no more
/// @param required whether a backup fails when this key does not wrap its data key
/// @param decrypt a second identity with `kms:Decrypt`, for `--kms`; best kept off the nodes
public record KmsConfig(
    String name,
    String key,
    Optional<String> region,
    Optional<URI> endpoint,
    Optional<Path> caFile,
    Credentials credentials,
    boolean required,
    Optional<Credentials> decrypt) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");

  /// Its place in an ARN.
  private static final int REGION = 3;

  private static final Pattern KEY =
      Pattern.compile("arn:[a-z-]+:kms:[A-Za-z0-9:/_-]+|alias/[A-Za-z0-9/_-]+|[A-Za-z0-9-]{8,64}");

  /// Every block in the order of its lines.
  ///
  /// @param kms the `backup.kms` block
  public static List<KmsConfig> readAll(Section kms) {
    List<KmsConfig> configs = new ArrayList<>();
    for (String name : kms.names("")) {
      if (!NAME.matcher(name).matches()) {
        kms.problem(
            name,
            "'%s' is no name for a key".formatted(name),
            "1 to 32 lower-case letters, digits and dashes; it becomes a metric label");
      }
      configs.add(read(name, kms.section(name)));
    }
    return List.copyOf(configs);
  }

  private static KmsConfig read(String name, Section block) {
    String key = block.text("key");
    if (!key.isEmpty() && !KEY.matcher(key).matches()) {
      block.problem(
          "key", "'%s' is no key of KMS".formatted(key), "an ARN, a key id, or alias/NAME");
    }
    return new KmsConfig(
        name,
        key,
        AwsSyntax.region(block),
        AwsSyntax.endpoint(
            block, false, "use https://: what is sent there is the key of the backup"),
        block.optionalPath("ca-file"),
        CredentialsSyntax.read(block),
        !block.has("required") || block.flag("required"),
        block.has("decrypt")
            ? Optional.of(CredentialsSyntax.read(block.section("decrypt")))
            : Optional.empty());
  }

  static String regionOf(String arn) {
    return arn.split(":", -1)[REGION];
  }

  /// The one region that has it, as far as its name says: a multi-Region key has `mrk-` there.
  public Optional<String> onlyIn() {
    if (key.contains("mrk-")) {
      return Optional.empty();
    }
    return key.startsWith("arn:") ? Optional.of(regionOf(key)) : region;
  }
}
