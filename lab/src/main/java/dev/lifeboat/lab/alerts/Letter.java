package dev.lifeboat.lab.alerts;

import dev.lifeboat.lab.alerts.Message.Service;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// A mail by Alertmanager, read as a mail program reads it.
final class Letter {
  private static final List<String> HEADERS =
      List.of("from", "to", "subject", "date", "message-id", "mime-version", "content-type");

  /// As Alertmanager titles its mails, for groups by job and alertname.
  private static final Pattern SUBJECT =
      Pattern.compile("\\[(FIRING|RESOLVED)(?::\\d+)?] (\\w+)(?: .*)?");

  private static final Pattern BOUNDARY = Pattern.compile("boundary=\"?([^\";]+)\"?");
  private static final Pattern LABEL = Pattern.compile("(?<=[>\\s])(\\w+) = ([^<]*)<br");

  private Letter() {}

  static Message read(List<String> lines, Instant at) throws Refusal {
    int blank = lines.indexOf("");
    Refusal.unless(blank > 0, "a mail without an end of its headers");
    var headers = headers(lines.subList(0, blank));
    for (String name : HEADERS) {
      Refusal.unless(headers.containsKey(name), "a mail without " + name);
    }
    var subject = headers.getOrDefault("subject", "");
    var parts = SUBJECT.matcher(subject);
    Refusal.unless(parts.matches(), "the subject says nothing: " + subject);
    var html = html(headers.getOrDefault("content-type", ""), lines.subList(blank, lines.size()));
    Refusal.unless(!html.contains("<no value>"), "something is not filled in");
    boolean firing = parts.group(1).equals("FIRING");
    // What is resolved comes below what fires.
    var troubled = firing ? html.split("\\] Resolved", 2)[0] : "";
    return new Message(
        Service.MAIL,
        at,
        firing,
        parts.group(2),
        String.join(",", labels(html, "severity")),
        labels(troubled, "instance"),
        "",
        subject + "\n" + html);
  }

  private static Map<String, String> headers(List<String> lines) throws Refusal {
    var headers = new LinkedHashMap<String, String>();
    var name = "";
    for (String line : lines) {
      if (line.startsWith(" ") || line.startsWith("\t")) {
        headers.merge(name, line.stripLeading(), (before, more) -> before + " " + more);
        continue;
      }
      int colon = line.indexOf(':');
      Refusal.unless(colon > 0, "a header without a colon: " + line);
      name = line.substring(0, colon).toLowerCase(Locale.ROOT);
      headers.put(name, line.substring(colon + 1).strip());
    }
    return headers;
  }

  private static String html(String contentType, List<String> body) throws Refusal {
    var boundary = BOUNDARY.matcher(contentType);
    Refusal.unless(
        contentType.startsWith("multipart/alternative") && boundary.find(),
        "a mail of the type " + contentType);
    for (String part :
        String.join("\n", body).split("(?m)^--" + Pattern.quote(boundary.group(1)), -1)) {
      int blank = part.indexOf("\n\n");
      if (blank > 0 && part.substring(0, blank).contains("text/html")) {
        Refusal.unless(
            part.substring(0, blank).contains("quoted-printable"), "its HTML is not encoded");
        return unquoted(part.substring(blank + 2));
      }
    }
    throw new Refusal(554, "a mail without HTML");
  }

  private static String unquoted(String text) {
    var bytes = new ByteArrayOutputStream();
    var ascii = text.replace("=\n", "").getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < ascii.length; i++) {
      if (ascii[i] == '=' && i + 2 < ascii.length) {
        bytes.write(Integer.parseInt(new String(ascii, i + 1, 2, StandardCharsets.UTF_8), 16));
        i += 2;
      } else {
        bytes.write(ascii[i]);
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static Set<String> labels(String html, String name) {
    var values = new TreeSet<String>();
    LABEL
        .matcher(html)
        .results()
        .filter(found -> found.group(1).equals(name))
        .forEach(found -> values.add(found.group(2)));
    return values;
  }
}
