package dev.lifeboat.lab;

/// The lab's commands.
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(2);
  }
}
