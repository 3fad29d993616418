package dev.lifeboat.lab.alerts;

import dev.lifeboat.lab.alerts.Message.Service;
import java.time.Instant;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// An incoming webhook of Slack. Its address is its secret.
///
/// @param path with the secret in it
/// @param channel the one it may write to
record SlackWebhook(String path, String channel) implements Hook {
  private static final int ATTACHMENTS_MAX = 100;
  private static final int TEXT_CHARS_MAX = 40_000;

  /// As the shipped template titles its messages.
  private static final Pattern TITLE = Pattern.compile("(FIRING|RESOLVED) (\\w+) (\\S*)");

  /// As it tells what is resolved, below what fires.
  private static final Pattern OVER = Pattern.compile("(?m)^over: .*$");

  @Override
  public Reply take(JsonNode body, Instant at) throws Refusal {
    Refusal.unless(body.isObject(), "invalid_payload");
    if (!body.path("channel").asString("").equals(channel)) {
      throw new Refusal(404, "channel_not_found");
    }
    var attachments = body.path("attachments");
    if (attachments.size() > ATTACHMENTS_MAX) {
      throw new Refusal(400, "too_many_attachments");
    }
    Refusal.unless(attachments.size() == 1, "no_text");
    var attachment = attachments.path(0);
    var title = attachment.path("title").asString("");
    var text = attachment.path("text").asString("");
    Refusal.unless(!title.isBlank() && !text.isBlank(), "no_text");
    Refusal.unless(text.length() <= TEXT_CHARS_MAX, "msg_too_long");
    // Slack would show a half-filled template as well; nobody could read it.
    var parts = TITLE.matcher(title);
    Refusal.unless(parts.matches(), "the title says nothing: " + title);
    Refusal.unless(!(title + text).contains("<no value>"), "something is not filled in: " + text);
    boolean firing = parts.group(1).equals("FIRING");
    var color = attachment.path("color").asString("");
    Refusal.unless(color.equals(firing ? "danger" : "good"), "the color is " + color);
    var nodes = firing ? Message.nodesIn(OVER.matcher(text).replaceAll("")) : Set.<String>of();
    return new Reply(
        200,
        "text/html",
        "ok",
        new Message(Service.CHAT, at, firing, parts.group(2), "", nodes, "", title + "\n" + text));
  }
}
