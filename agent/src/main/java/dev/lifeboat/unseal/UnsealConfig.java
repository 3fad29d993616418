package dev.lifeboat.unseal;

import dev.lifeboat.config.Section;
import dev.lifeboat.secretsmanager.AwsSecrets;
import dev.lifeboat.store.AwsSyntax;
import dev.lifeboat.store.CredentialsSyntax;
import dev.lifeboat.store.S3Config.Credentials;
import dev.lifeboat.store.s3.Login;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The `unseal` block: where shares are found, and where it stands which key an auto-unseal uses.
///
/// @param shareFiles files with shares; those of gpg by their name
/// @param shareSecrets names or ARNs of secrets in AWS Secrets Manager
/// @param serverConfigs the configuration of the server, in which its seal is written
public record UnsealConfig(
    List<Path> shareFiles, List<String> shareSecrets, List<Path> serverConfigs, Aws aws) {
  private static final Pattern SECRET =
      Pattern.compile("arn:[a-z-]+:secretsmanager:[A-Za-z0-9:/_+=.@-]+|[A-Za-z0-9/_+=.@-]{1,512}");

  public UnsealConfig {
    shareFiles = List.copyOf(shareFiles);
    shareSecrets = List.copyOf(shareSecrets);
    serverConfigs = List.copyOf(serverConfigs);
  }

  /// How AWS is asked, for secrets and for the key of an auto-unseal.
  ///
  /// @param endpoint AWS when absent
  /// @param caFile PEM; the JDK's certificate authorities when absent
  public record Aws(
      Optional<String> region,
      Optional<URI> endpoint,
      Optional<Path> caFile,
      Credentials credentials) {
    public AwsSecrets secrets() {
      return new AwsSecrets(new Login("unseal.aws", region, endpoint, caFile), credentials);
    }
  }

  public static UnsealConfig from(Section unseal) {
    List<String> secrets = unseal.texts("share-secrets");
    for (String secret : secrets) {
      if (!isSecretName(secret)) {
        unseal.problem(
            "share-secrets",
            "a name or an ARN of a secret was expected",
            "the shares themselves never stand in the configuration");
      }
    }
    return new UnsealConfig(
        paths(unseal, "share-files"),
        secrets,
        paths(unseal, "server-configs"),
        aws(unseal.section("aws")));
  }

  /// Whether it can be the name or the ARN of a secret.
  public static boolean isSecretName(String text) {
    return SECRET.matcher(text).matches();
  }

  private static List<Path> paths(Section unseal, String key) {
    List<Path> paths = new ArrayList<>();
    for (String text : unseal.texts(key)) {
      if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
        unseal.problem(key, "an absolute path was expected", "such as /etc/openbao/openbao.hcl");
      } else {
        paths.add(Path.of(text).normalize());
      }
    }
    return paths;
  }

  private static Aws aws(Section block) {
    return new Aws(
        AwsSyntax.region(block),
        AwsSyntax.endpoint(
            block, false, "use https://: what comes back are shares of the unseal key"),
        block.optionalPath("ca-file"),
        CredentialsSyntax.read(block));
  }
}
