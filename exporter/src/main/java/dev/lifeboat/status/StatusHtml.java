package dev.lifeboat.status;

import dev.lifeboat.watch.Role;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/// A [Status] as one page of HTML: no script, no outside asset, readable without its style.
///
/// Everything that a server or an operator named is escaped. Colour never stands alone: the state,
/// the severity and the health are words too. The page renews itself every 30 s, because one that
/// silently stands still is worse than none.
public final class StatusHtml {
  private static final String STYLE = style();
  private static final String UNKNOWN = "<span class=\"soft\">not known</span>";

  /// What a server sends beside the page: nothing may be loaded, and only the page's own style
  /// applies, known by its hash.
  public static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; style-src '%s'; base-uri 'none'; form-action 'none';"
              .formatted(hash(STYLE))
          + " frame-ancestors 'none'";

  private final StringBuilder out = new StringBuilder(8192);
  private final Instant now;

  private StatusHtml(Instant now) {
    this.now = now;
  }

  public static String render(Status status) {
    StatusHtml page = new StatusHtml(status.at());
    page.head(status);
    page.problems(status);
    page.node(status.node());
    page.peers(status);
    status.backups().ifPresent(page::backups);
    page.foot();
    return page.out.toString();
  }

  private void head(Status status) {
    Status.Node node = status.node();
    String state = Verdict.state(node.role());
    line("<!doctype html>");
    line("<html lang=\"en\">");
    line("<head>");
    line("<meta charset=\"utf-8\">");
    line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    line("<meta name=\"robots\" content=\"noindex\">");
    line("<meta http-equiv=\"refresh\" content=\"30\">");
    line("<title>%s: %s, %s</title>".formatted(escape(node.name()), state, Verdict.of(status)));
    out.append("<style>").append(STYLE).append("</style>\n");
    line("</head>");
    line("<body>");
    line("<header>");
    line("<h1>%s</h1>".formatted(escape(node.name())));
    line(
        "<p class=\"verdict\"><span class=\"state %s\">%s</span> · <span class=\"%s\">%s</span></p>"
            .formatted(
                colour(node.role()),
                state,
                status.worst().map(Status.Severity::label).orElse("good"),
                Verdict.of(status)));
    line("<p class=\"soft\"><small>as of %s</small></p>".formatted(Words.utc(now)));
    line("</header>");
    line("<main>");
  }

  private void problems(Status status) {
    if (status.problems().isEmpty()) {
      return;
    }
    line("<h2>Problems</h2>");
    line("<ul class=\"problems\">");
    for (Status.Trouble problem : status.problems()) {
      String severity = problem.severity().label();
      line(
          "<li class=\"%s\"><b>%s</b> <span>%s</span> <span class=\"hint\">%s</span></li>"
              .formatted(
                  severity,
                  severity.substring(0, 1).toUpperCase(Locale.ROOT) + severity.substring(1) + ":",
                  escape(problem.text()),
                  escape(problem.hint())));
    }
    line("</ul>");
  }

  private void node(Status.Node node) {
    line("<h2>Node</h2>");
    line("<dl>");
    term("Address", code(node.address().toString()));
    if (node.product().isPresent() || node.version().isPresent()) {
      term(
          "Runs",
          escape(node.product().orElse("version"))
              + " "
              + node.version().map(StatusHtml::escape).orElse(UNKNOWN));
    }
    term("Cluster", node.clusterName().map(StatusHtml::escape));
    term("Cluster id", node.clusterId().map(StatusHtml::code));
    term("Seal", node.sealType().map(StatusHtml::escape));
    term("Storage", node.storageType().map(StatusHtml::escape));
    term("Leader", node.leader().map(leader -> code(leader.toString())));
    term("Active since", node.activeSince().map(this::when));
    if (node.raftAppliedIndex().isPresent()) {
      term(
          "Raft index",
          number(node.raftAppliedIndex())
              + " applied, "
              + number(node.raftCommittedIndex())
              + " committed");
    }
    term("Asked", when(node.polledAt()));
    line("</dl>");
  }

  private void peers(Status status) {
    line("<h2>Peers</h2>");
    if (status.peers().isEmpty()) {
      line(
          "<p class=\"soft\">%s</p>"
              .formatted(
                  status.node().role() == Role.ACTIVE
                      ? "Not known: reading them takes a login (vault.auth)."
                      : "Known to the active node alone; see its page."));
      return;
    }
    line("<table>");
    line(
        "<thead><tr><th>Peer</th><th>Role</th><th>Health</th><th class=\"number\">Behind</th>"
            + "<th class=\"number\">Last contact</th><th>Version</th></tr></thead>");
    line("<tbody>");
    for (Status.Peer peer : status.peers()) {
      out.append("<tr>");
      cell(
          "Peer",
          "<span>"
              + escape(peer.id())
              + " <small class=\"soft\">("
              + code(peer.address())
              + ")</small></span>");
      cell("Role", Verdict.role(peer));
      cell("Health", coloured(peer));
      numberCell("Behind", number(peer.indexLag()));
      numberCell(
          "Last contact",
          peer.lastContact().map(Words::seconds).orElse(peer.leader() ? "–" : UNKNOWN));
      cell("Version", peer.version().map(StatusHtml::escape).orElse(UNKNOWN));
      line("</tr>");
    }
    line("</tbody>");
    line("</table>");
  }

  private void backups(Status.Backups backups) {
    line("<h2>Backups</h2>");
    line("<dl>");
    term("Stored", Verdict.stored(backups));
    String schedule = backups.nextSchedule().map(name -> ", " + escape(name)).orElse("");
    term("Next run", backups.nextRun().map(at -> when(at) + schedule).orElse("by hand only"));
    if (backups.inProgress()) {
      term("Now", "one is being taken");
    }
    line("</dl>");
    if (backups.latest().isEmpty()) {
      return;
    }
    line("<table>");
    line(
        "<thead><tr><th>Taken</th><th>Backup</th><th class=\"number\">Size</th><th>In</th>"
            + "<th>Verified</th></tr></thead>");
    line("<tbody>");
    for (Status.Backup backup : backups.latest()) {
      out.append("<tr>");
      cell("Taken", "<span>" + when(backup.takenAt()) + "</span>");
      cell(
          "Backup",
          "<span>%s <small class=\"soft\">(by %s%s)</small></span>"
              .formatted(
                  code(backup.id()),
                  escape(backup.node()),
                  backup.raftIndex().map(index -> ", raft index " + index).orElse("")));
      numberCell(
          "Size",
          "<span>%s <small class=\"soft\">(%s stored)</small></span>"
              .formatted(Words.size(backup.plainBytes()), Words.size(backup.storedBytes())));
      cell("In", escape(String.join(", ", backup.stores())));
      cell(
          "Verified",
          "<span%s>%s</span>"
              .formatted(
                  backup.trouble().isPresent() ? " class=\"critical\"" : "",
                  escape(Verdict.verified(backup))));
      line("</tr>");
    }
    line("</tbody>");
    line("</table>");
  }

  private void foot() {
    line("</main>");
    line("<footer>");
    line(
        "<p>Lifeboat · <a href=\"metrics\">metrics</a> · <a href=\"status.json\">status as"
            + " JSON</a></p>");
    line("</footer>");
    line("</body>");
    line("</html>");
  }

  private void term(String name, Optional<String> html) {
    html.ifPresent(value -> term(name, value));
  }

  private void term(String name, String html) {
    line("<dt>%s</dt><dd>%s</dd>".formatted(name, html));
  }

  private void cell(String label, String html) {
    out.append("<td data-label=\"%s\">%s</td>".formatted(label, html));
  }

  private void numberCell(String label, String html) {
    out.append("<td class=\"number\" data-label=\"%s\">%s</td>".formatted(label, html));
  }

  private void line(String line) {
    out.append(line).append('\n');
  }

  private String when(Instant at) {
    return "<time datetime=\"%s\">%s</time> <small>(%s)</small>"
        .formatted(at, Words.ago(at, now), Words.utc(at));
  }

  private static String coloured(Status.Peer peer) {
    String colour = peer.healthy().map(well -> well ? "good" : "critical").orElse("soft");
    return "<span class=\"%s\">%s</span>".formatted(colour, Verdict.health(peer));
  }

  private static String colour(Role role) {
    return switch (role) {
      case ACTIVE, STANDBY, PERF_STANDBY, DR_SECONDARY -> "good";
      case SEALED, UNINITIALIZED, REMOVED, UNREACHABLE -> "critical";
    };
  }

  private static String number(OptionalLong value) {
    return value.isPresent() ? Words.grouped(value.getAsLong()) : UNKNOWN;
  }

  private static String code(String text) {
    return "<code>" + escape(text) + "</code>";
  }

  /// For text and for quoted attributes.
  static String escape(String text) {
    StringBuilder safe = new StringBuilder(text.length() + 16);
    Printable.of(text)
        .chars()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.append((char) c);
              }
            });
    return safe.toString();
  }

  private static String style() {
    try (InputStream css =
        Objects.requireNonNull(StatusHtml.class.getResourceAsStream("page.css"), "page.css")) {
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read page.css", e);
    }
  }

  private static String hash(String style) {
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(style.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(sum);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
