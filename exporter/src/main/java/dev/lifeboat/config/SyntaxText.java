package dev.lifeboat.config;

import com.typesafe.config.ConfigException.UnresolvedSubstitution;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What is wrong with the file's syntax, in our words: the parser's own sentences run to hundreds
/// of characters and quote whatever stood there, secrets included.
final class SyntaxText {
  static final String NO_INCLUDES = "include is not supported";

  private static final Pattern SUBSTITUTION =
      Pattern.compile("\\$\\{\\??([A-Za-z0-9_.-]{1,80})\\}");

  private record Known(String mark, String message, String hint) {}

  // In this order: the later marks also occur in the advice that follows the earlier ones.
  private static final List<Known> KNOWN =
      List.of(
          new Known("unescaped newline", "a quote is not closed", "close it on its own line"),
          new Known("triple-quoted", "a quote is not closed", "end it with three quotes"),
          new Known(
              "backslash", "an unknown escape in a quoted text", "write \\\\ for a backslash"),
          new Known(
              "reserved character",
              "a character that must stand in quotes",
              "put the value in double quotes"),
          new Known("may not be followed", "a key without a value just above", "write key = value"),
          new Known("list should have ended", "a list is not closed", "look for a missing ]"),
          new Known("has type list", "the file is a list", "write key = value, without [ ]"),
          new Known("end of file", "the file ends too early", "look for a missing } or value"),
          new Known("brace", "braces do not match", "look for a } too much or too few"),
          new Known("expecting a value", "a key without a value", "write key = value"));

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
    for (Known known : KNOWN) {
      if (lower.contains(known.mark())) {
        return new Problem(origin, "", "syntax error: " + known.message(), known.hint());
      }
    }
    return new Problem(
        origin, "", "syntax error", "look for a missing quote, brace or = near this line");
  }
}
