package dev.lifeboat.store;

import dev.lifeboat.config.Section;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads where AWS is, from any block that talks to it: `region` and `endpoint`.
public final class AwsSyntax {
  private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,40}");
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|\\[::1]|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");

  private AwsSyntax() {}

  public static Optional<String> region(Section block) {
    Optional<String> region = block.optionalText("region");
    region
        .filter(text -> !text.isEmpty() && !REGION.matcher(text).matches())
        .ifPresent(
            text ->
                block.problem(
                    "region", "'%s' is no region".formatted(text), "such as eu-central-1"));
    return region;
  }

  /// Empty: AWS itself.
  ///
  /// @param plainHint what to say to plain HTTP that leaves this machine
  public static Optional<URI> endpoint(Section block, boolean allowPlain, String plainHint) {
    if (!block.has("endpoint")) {
      return Optional.empty();
    }
    URI endpoint = block.address("endpoint");
    if (endpoint.getScheme().equals("http")
        && !allowPlain
        && !LOOPBACK.matcher(endpoint.getHost()).matches()) {
      block.problem("endpoint", "plain http leaves this machine, found " + endpoint, plainHint);
    }
    return Optional.of(endpoint);
  }
}
