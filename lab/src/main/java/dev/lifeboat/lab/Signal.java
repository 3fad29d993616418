package dev.lifeboat.lab;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/// A signal to a process, as an administrator sends it.
public enum Signal {
  /// Read the configuration anew; a server opens its audit files anew.
  HUP,
  /// Stand still until [#CONT].
  STOP,
  CONT;

  public void to(long pid) {
    try {
      var kill = new ProcessBuilder("kill", "-" + name(), Long.toString(pid)).start();
      if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
        throw new LabException("cannot send SIG" + name() + " to process " + pid);
      }
    } catch (IOException e) {
      throw new LabException("cannot run kill", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }
}
