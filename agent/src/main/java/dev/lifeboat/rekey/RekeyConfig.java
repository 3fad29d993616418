package dev.lifeboat.rekey;

import dev.lifeboat.config.Section;
import dev.lifeboat.unseal.UnsealConfig;
import dev.lifeboat.vault.VaultConfig;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/// The `rekey` block.
///
/// @param auth its own login, with the policy `rekey.hcl`; the `vault` block's when absent
/// @param folder of the records of runs
/// @param secret what the names of new secrets in AWS Secrets Manager begin with
/// @param every how often it has to be done; never when absent
/// @param sharesSince when the shares of now were made, if not by `lifeboat rekey`
public record RekeyConfig(
    Optional<VaultConfig.Auth> auth,
    Path folder,
    Optional<String> secret,
    Optional<Duration> every,
    Optional<Instant> sharesSince) {
  private static final Duration EVERY_MIN = Duration.ofDays(1);
  private static final Duration EVERY_MAX = Duration.ofDays(3650);

  public static RekeyConfig from(Section rekey) {
    Optional<String> secret = rekey.optionalText("secret");
    if (secret.isPresent() && !isPrefix(secret.get())) {
      rekey.problem(
          "secret",
          "the beginning of a name in Secrets Manager was expected, up to 200 characters",
          "such as vault-unseal-keys; -epoch-N is added");
    }
    return new RekeyConfig(
        rekey.has("auth")
            ? Optional.of(VaultConfig.Auth.from(rekey.section("auth")))
            : Optional.empty(),
        rekey.path("folder"),
        secret,
        rekey.has("every")
            ? Optional.of(rekey.duration("every", EVERY_MIN, EVERY_MAX))
            : Optional.empty(),
        since(rekey));
  }

  /// Whether it can be the beginning of a secret's name.
  public static boolean isPrefix(String text) {
    return text.length() <= 200 && !text.startsWith("arn:") && UnsealConfig.isSecretName(text);
  }

  private static Optional<Instant> since(Section rekey) {
    Optional<String> text = rekey.optionalText("shares-since");
    try {
      return text.map(day -> LocalDate.parse(day).atStartOfDay().toInstant(ZoneOffset.UTC));
    } catch (DateTimeException e) {
      rekey.problem("shares-since", "a day was expected, such as 2026-11-30", "");
      return Optional.empty();
    }
  }
}
