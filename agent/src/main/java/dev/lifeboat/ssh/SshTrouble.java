package dev.lifeboat.ssh;

import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;

/// What the library throws when a connection breaks, or never comes to be, in words.
public final class SshTrouble {
  private static final int DETAIL_MAX = 200;
  private static final int DEPTH_MAX = 10;

  private SshTrouble() {}

  /// Whether it was our own thread that was told to stop.
  public static boolean interrupted(Throwable e) {
    return isInterruption(e) || isInterruption(root(e));
  }

  private static boolean isInterruption(Throwable e) {
    return e instanceof InterruptedException
        || (e instanceof InterruptedIOException && !(e instanceof SocketTimeoutException));
  }

  /// Kind and text of what is at the bottom of it.
  public static String words(Throwable e) {
    Throwable root = root(e);
    return root.getClass().getSimpleName() + ": " + brief(String.valueOf(root.getMessage()));
  }

  private static Throwable root(Throwable e) {
    Throwable root = e;
    for (int depth = 0; root.getCause() != null && depth < DEPTH_MAX; depth++) {
      root = root.getCause();
    }
    return root;
  }

  /// One line of what others wrote.
  public static String brief(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return line.length() > DETAIL_MAX ? line.substring(0, DETAIL_MAX) + "…" : line;
  }
}
