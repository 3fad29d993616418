package dev.lifeboat.lab.dashboards;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What an operator asks, and in which shape the answer is shown.
///
/// @param description what the answer means, for somebody who sees it for the first time
/// @param width of the 24 columns of a dashboard
/// @param height in rows of about 38 pixels
/// @param keys the labels that are the first columns of a table, with their titles
/// @param runbooks the alerts whose pages say what to do
/// @param leadsTo the dashboard with more of it; empty for none
record Panel(
    Kind kind,
    String title,
    String description,
    int width,
    int height,
    Look look,
    List<Query> queries,
    Map<String, String> keys,
    boolean stacked,
    List<String> runbooks,
    String leadsTo) {
  /// The shapes, by Grafana's names.
  enum Kind {
    STAT("stat"),
    LINES("timeseries"),
    STATES("state-timeline"),
    BARS("bargauge"),
    TABLE("table");

    private final String grafana;

    Kind(String grafana) {
      this.grafana = grafana;
    }

    String grafana() {
      return grafana;
    }

    /// Asked for now. A value that has gone is to be gone, not the last one there was.
    boolean instant() {
      return this == STAT || this == BARS || this == TABLE;
    }
  }

  private static Panel of(Kind kind, String title, int width, int height, String description) {
    return new Panel(
        kind,
        title,
        description,
        width,
        height,
        Look.PLAIN,
        List.of(),
        Map.of(),
        false,
        List.of(),
        "");
  }

  static Panel stat(String title, int width, String description) {
    return of(Kind.STAT, title, width, 4, description);
  }

  static Panel lines(String title, int width, int height, String description) {
    return of(Kind.LINES, title, width, height, description);
  }

  static Panel states(String title, int width, int height, String description) {
    return of(Kind.STATES, title, width, height, description);
  }

  static Panel bars(String title, int width, int height, String description) {
    return of(Kind.BARS, title, width, height, description);
  }

  static Panel table(String title, int width, int height, String description) {
    return of(Kind.TABLE, title, width, height, description);
  }

  /// Whether a value says little without its name: whose it is, not only of which cluster.
  boolean named() {
    return queries.stream().anyMatch(query -> !query.title().equals("{{job}}"));
  }

  Panel tall(int newHeight) {
    return new Panel(
        kind,
        title,
        description,
        width,
        newHeight,
        look,
        queries,
        keys,
        stacked,
        runbooks,
        leadsTo);
  }

  Panel looks(Look newLook) {
    return new Panel(
        kind,
        title,
        description,
        width,
        height,
        newLook,
        queries,
        keys,
        stacked,
        runbooks,
        leadsTo);
  }

  Panel in(Unit unit) {
    return looks(Look.of(unit));
  }

  /// @param legend with `{{label}}`
  Panel asks(String expression, String legend) {
    return column(expression, legend, look);
  }

  Panel column(String expression, String columnTitle, Look columnLook) {
    var more = new ArrayList<>(queries);
    more.add(Query.of(expression, columnTitle, columnLook));
    return new Panel(
        kind,
        title,
        description,
        width,
        height,
        look,
        List.copyOf(more),
        keys,
        stacked,
        runbooks,
        leadsTo);
  }

  Panel key(String label, String columnTitle) {
    var more = new LinkedHashMap<>(keys);
    more.put(label, columnTitle);
    return new Panel(
        kind, title, description, width, height, look, queries, more, stacked, runbooks, leadsTo);
  }

  Panel stack() {
    return new Panel(
        kind, title, description, width, height, look, queries, keys, true, runbooks, leadsTo);
  }

  Panel runbook(String... alerts) {
    return new Panel(
        kind,
        title,
        description,
        width,
        height,
        look,
        queries,
        keys,
        stacked,
        List.of(alerts),
        leadsTo);
  }

  Panel to(String uid) {
    return new Panel(
        kind, title, description, width, height, look, queries, keys, stacked, runbooks, uid);
  }
}
