package dev.lifeboat.lab;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Ctrl-C and SIGTERM of a command that has to clean up: they interrupt the thread that opened
/// this, and the JVM stays until that thread has closed it.
public final class CtrlC implements AutoCloseable {
  private static final long CLEAN_UP_SECONDS_MAX = 20;

  private final Thread worker;
  private final CountDownLatch cleanedUp = new CountDownLatch(1);

  private CtrlC(Thread worker) {
    this.worker = worker;
  }

  public static CtrlC interruptsThisThread() {
    var ctrlC = new CtrlC(Thread.currentThread());
    Runtime.getRuntime().addShutdownHook(new Thread(ctrlC::stop, "ctrl-c"));
    return ctrlC;
  }

  private void stop() {
    if (cleanedUp.getCount() == 0) {
      return;
    }
    worker.interrupt();
    try {
      if (!cleanedUp.await(CLEAN_UP_SECONDS_MAX, TimeUnit.SECONDS)) {
        System.err.println("the command did not end in time; what is left dies with it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    cleanedUp.countDown();
  }
}
