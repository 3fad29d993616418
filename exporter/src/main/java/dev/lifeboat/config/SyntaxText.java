package dev.lifeboat.config;

import com.typesafe.config.ConfigException.UnresolvedSubstitution;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What is wrong with the file's syntax, in our words: the parser's own sentences run to hundreds
/// of characters and quote whatever stood there, secrets included.
final class SyntaxText {
  static final String NO_INCLUDES = "include is not supported";

  private static final Pattern SUBSTITUTION =
      Pattern.compile("\\$\\{\\??([A-Za-z0-9_.-]{1,80})\\}");

  private SyntaxText() {}

  static Problem problem(String origin, com.typesafe.config.ConfigException wrong) {
    String said = wrong.getMessage() == null ? "" : wrong.getMessage();
    String lower = said.toLowerCase(Locale.ROOT);
    if (said.contains(NO_INCLUDES)) {
      return new Problem(origin, "", NO_INCLUDES, "write everything into this one file");
    }
    if (wrong instanceof UnresolvedSubstitution) {
      Matcher name = SUBSTITUTION.matcher(said);
      return new Problem(
          origin,
          "",
          (name.find() ? "${" + name.group(1) + "}" : "a substitution")
              + " names no key of this file",
          "environment variables are not substituted; secrets may be { env = \"NAME\" }");
    }
    if (lower.contains("reserved character") || lower.contains("not allowed outside quotes")) {
      return new Problem(
          origin,
          "",
          "syntax error: a character that must stand in quotes",
          "put the value in double quotes");
    }
    if (lower.contains("not followed by") || lower.contains("expecting a value")) {
      return new Problem(origin, "", "syntax error: a key without a value", "write key = value");
    }
    if (lower.contains("end of file") || lower.contains("end of input")) {
      return new Problem(
          origin, "", "syntax error: the file ends too early", "look for a missing } or quote");
    }
    if (lower.contains("balanced") || lower.contains("close") || lower.contains("'}'")) {
      return new Problem(
          origin, "", "syntax error: braces do not match", "look for a } too much or too few");
    }
    return new Problem(
        origin, "", "syntax error", "look for a missing quote, brace or = near this line");
  }
}
