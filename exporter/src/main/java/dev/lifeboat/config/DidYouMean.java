package dev.lifeboat.config;

import java.util.Collection;

/// The known word that was probably meant: the nearest by edits (insert, delete, replace, swap of
/// neighbours), when it is near enough to be a slip and not another word.
public final class DidYouMean {
  private DidYouMean() {}

  /// A hint such as `did you mean 'retention'?`, or the empty text.
  public static String hint(String found, Collection<String> known) {
    String best = "";
    int least = Math.max(1, Math.min(3, found.length() / 3)) + 1;
    for (String word : known.stream().sorted().toList()) {
      int distance = distance(found, word);
      if (distance < least && distance < word.length()) {
        least = distance;
        best = word;
      }
    }
    return best.isEmpty() ? "" : "did you mean '" + best + "'?";
  }

  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int best =
            Math.min(Math.min(cost[i - 1][j], cost[i][j - 1]) + 1, cost[i - 1][j - 1] + change);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        cost[i][j] = swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
      }
    }
    return cost[a.length()][b.length()];
  }
}
