package dev.lifeboat.notify;

import dev.lifeboat.config.Secret;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.config.Section;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// One block below `notify`: somebody who is told.
///
/// @param name of the block, and the `target` label
/// @param events that it is told of
/// @param timeout of one attempt
public record NotifyConfig(String name, Where where, Set<EventKind> events, Duration timeout) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
  private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|\\[::1]|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration TIMEOUT_MIN = Duration.ofSeconds(1);
  private static final Duration TIMEOUT_MAX = Duration.ofMinutes(10);

  public NotifyConfig {
    events = Collections.unmodifiableSet(EnumSet.copyOf(events));
  }

  /// How it is told.
  public sealed interface Where permits Command, Webhook {}

  /// A program that gets the event on its standard input.
  ///
  /// @param line the program, an absolute path, and its arguments; no shell reads it
  public record Command(List<String> line) implements Where {
    public Command {
      line = List.copyOf(line);
    }
  }

  /// An address that gets the event by POST.
  ///
  /// @param url read for each event; often a secret itself
  /// @param headers further ones, by name
  /// @param caFile PEM; the JDK's certificate authorities when absent
  public record Webhook(SecretSource url, Map<String, SecretSource> headers, Optional<Path> caFile)
      implements Where {
    public Webhook {
      headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }
  }

  /// Every block in the order of its lines.
  ///
  /// @param notify the `notify` block
  public static List<NotifyConfig> readAll(Section notify) {
    List<NotifyConfig> configs = new ArrayList<>();
    for (String name : notify.names("")) {
      if (!NAME.matcher(name).matches()) {
        notify.problem(
            name,
            "'%s' is no name for a target".formatted(name),
            "1 to 32 lower-case letters, digits and dashes; it becomes a metric label");
      }
      read(name, notify.section(name), notify).ifPresent(configs::add);
    }
    return List.copyOf(configs);
  }

  private static Optional<NotifyConfig> read(String name, Section block, Section notify) {
    Duration timeout =
        block.has("timeout") ? block.duration("timeout", TIMEOUT_MIN, TIMEOUT_MAX) : TIMEOUT;
    Set<EventKind> events = events(block);
    boolean command = block.has("command");
    boolean webhook = block.has("url") || block.has("url-secret");
    if (command == webhook) {
      notify.problem(
          name,
          command ? "both a command and an address" : "neither a command nor an address",
          "give one of command = [\"/path/of/program\"], url = \"https://…\", url-secret = { … }");
      return Optional.empty();
    }
    Where where = command ? command(block) : webhook(block);
    return Optional.of(new NotifyConfig(name, where, events, timeout));
  }

  private static Set<EventKind> events(Section block) {
    Set<EventKind> all = EnumSet.complementOf(EnumSet.of(EventKind.TEST));
    if (!block.has("events")) {
      return all;
    }
    Map<String, EventKind> byLabel =
        all.stream().collect(Collectors.toMap(EventKind::label, kind -> kind));
    Set<EventKind> wanted = EnumSet.noneOf(EventKind.class);
    for (String label : block.texts("events")) {
      EventKind kind = byLabel.get(label);
      if (kind == null) {
        block.problem(
            "events",
            "'%s' is no event".formatted(label),
            "one of " + all.stream().map(EventKind::label).collect(Collectors.joining(", ")));
      } else {
        wanted.add(kind);
      }
    }
    if (block.texts("events").isEmpty()) {
      block.problem("events", "no event: it would never be told of anything", "leave `events` out");
    }
    return wanted.isEmpty() ? all : wanted;
  }

  private static Command command(Section block) {
    List<String> line = block.texts("command");
    if (line.isEmpty() || !line.getFirst().startsWith("/")) {
      block.problem(
          "command",
          "expected a list that begins with an absolute path",
          "[\"/etc/lifeboat/hooks/notify\", \"argument\"]; no shell reads it");
      return new Command(List.of("/bin/false"));
    }
    return new Command(line);
  }

  private static Webhook webhook(Section block) {
    Map<String, SecretSource> headers = new LinkedHashMap<>();
    if (block.has("headers")) {
      Section names = block.section("headers");
      for (String header : names.names("")) {
        if (!HEADER.matcher(header).matches()) {
          names.problem(header, "'%s' is no name of a header".formatted(header), "");
        }
        headers.put(header, names.secret(header));
      }
    }
    return new Webhook(url(block), headers, block.optionalPath("ca-file"));
  }

  private static SecretSource url(Section block) {
    if (block.has("url-secret")) {
      if (block.has("url")) {
        block.problem("url", "stands beside url-secret", "one of the two");
      }
      return block.secret("url-secret");
    }
    String text = block.text("url");
    problem(text).ifPresent(what -> block.problem("url", what, "https://host/path"));
    return new SecretSource.FromEnvironment("url", new Secret(text));
  }

  /// What is wrong with an address, in words that do not quote it.
  static Optional<String> problem(String text) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      return Optional.of("this is no address");
    }
    String scheme = url.getScheme();
    String host = url.getHost();
    if (host == null || !Arrays.asList("http", "https").contains(scheme)) {
      return Optional.of("this is no http or https address");
    }
    if (url.getUserInfo() != null) {
      return Optional.of("a user in the address: it would be logged along the way");
    }
    return scheme.equals("http") && !LOOPBACK.matcher(host).matches()
        ? Optional.of("plain http leaves this machine")
        : Optional.empty();
  }
}
