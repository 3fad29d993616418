package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.dashboards.Dashboard.Placed;
import dev.lifeboat.lab.dashboards.Panel.Kind;
import java.util.List;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A dashboard as Grafana 9 and 10 import it.
final class GrafanaJson {
  private static final int SCHEMA = 38;
  private static final List<String> ALONE = List.of("Value", "Value #A");
  private static final String RUNBOOKS = "docs/runbooks/";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private int lastId;

  private GrafanaJson() {}

  static String write(Dashboard dashboard) {
    return JSON.writeValueAsString(new GrafanaJson().dashboard(dashboard)) + "\n";
  }

  private ObjectNode dashboard(Dashboard dashboard) {
    var json = object();
    json.put("uid", dashboard.uid());
    json.put("title", "Lifeboat / " + dashboard.title());
    json.put("description", dashboard.description());
    json.putArray("tags").add("lifeboat").add("vault");
    json.put("schemaVersion", SCHEMA);
    json.put("version", 1);
    json.put("editable", false);
    json.put("graphTooltip", 1);
    json.put("refresh", "30s");
    json.put("timezone", "browser");
    json.putObject("time").put("from", "now-6h").put("to", "now");
    json.putObject("timepicker");
    json.putArray("links").add(others());
    json.putObject("annotations").set("list", annotations());
    json.putObject("templating").set("list", variables());
    var panels = json.putArray("panels");
    int top = 0;
    for (var row : dashboard.rows()) {
      if (!row.title().isEmpty()) {
        panels.add(heading(row.title(), top));
        top++;
      }
      var placed = Dashboard.place(row, top);
      placed.forEach(each -> panels.add(panel(each)));
      top = Dashboard.bottom(placed);
    }
    return json;
  }

  private static ObjectNode others() {
    var link = object();
    link.put("type", "dashboards").put("title", "Lifeboat").put("asDropdown", true);
    link.put("includeVars", true).put("keepTime", true).put("targetBlank", false);
    link.putArray("tags").add("lifeboat");
    return link;
  }

  private static ArrayNode annotations() {
    return array()
        .add(
            annotation(
                "Leader changes",
                "max by (job, instance) (vault_node_active_since_timestamp_seconds{@}) * 1000",
                "{{instance}} leads",
                Colour.PURPLE))
        .add(
            annotation(
                "Backups",
                "max by (job) (vault_backup_last_success_timestamp_seconds{@}) * 1000",
                "a backup of {{job}} was taken",
                Colour.BLUE));
  }

  /// The value is the time at which it happened, so one that was scraped late stands where it
  /// belongs.
  private static ObjectNode annotation(String name, String expression, String text, Colour colour) {
    var json = object();
    json.put("name", name).put("enable", true).put("hide", false);
    json.put("iconColor", colour.grafana());
    json.set("datasource", datasource());
    json.put("expr", Query.complete(expression));
    json.put("titleFormat", name).put("textFormat", text);
    json.put("useValueForTime", true).put("step", "60s");
    return json;
  }

  private static ArrayNode variables() {
    var source = object();
    source.put("name", "datasource").put("label", "Data source");
    source.put("type", "datasource").put("query", "prometheus").put("refresh", 1).put("hide", 0);
    return array()
        .add(source)
        .add(variable("job", "label_values(vault_node_up, job)"))
        .add(variable("instance", "label_values(vault_node_up{job=~\"$job\"}, instance)"));
  }

  private static ObjectNode variable(String label, String query) {
    var json = object();
    json.put("name", label).put("label", label).put("type", "query").put("hide", 0);
    json.set("datasource", datasource());
    json.put("definition", query);
    json.putObject("query").put("query", query).put("refId", label);
    json.put("includeAll", true).put("multi", true).put("allValue", ".+");
    json.put("refresh", 2).put("sort", 1);
    var all = json.putObject("current").put("selected", true);
    all.putArray("text").add("All");
    all.putArray("value").add("$__all");
    return json;
  }

  private ObjectNode heading(String title, int top) {
    var json = object().put("id", ++lastId).put("type", "row").put("title", title);
    json.put("collapsed", false);
    json.set("gridPos", grid(0, top, Dashboard.COLUMNS, 1));
    json.putArray("panels");
    return json;
  }

  private static ObjectNode grid(int left, int top, int width, int height) {
    return object().put("x", left).put("y", top).put("w", width).put("h", height);
  }

  private ObjectNode panel(Placed placed) {
    var panel = placed.panel();
    var json = object().put("id", ++lastId).put("type", panel.kind().grafana());
    json.put("title", panel.title()).put("description", panel.description());
    json.set("datasource", datasource());
    json.set("gridPos", grid(placed.left(), placed.top(), panel.width(), panel.height()));
    var links = json.putArray("links");
    if (!panel.leadsTo().isEmpty()) {
      links.add(
          link(
              "More of this",
              "/d/"
                  + panel.leadsTo()
                  + "?${__url_time_range}"
                  + "&${datasource:queryparam}&${job:queryparam}&${instance:queryparam}"));
    }
    for (String alert : panel.runbooks()) {
      links.add(link("Runbook " + alert, RUNBOOKS + alert + ".md"));
    }
    json.set("targets", targets(panel));
    var config = json.putObject("fieldConfig");
    config.set("defaults", defaults(panel));
    config.set("overrides", overrides(panel));
    json.set("options", options(panel));
    if (panel.kind() == Kind.TABLE) {
      json.set("transformations", transformations(panel));
    }
    return json;
  }

  private static ObjectNode link(String title, String url) {
    return object().put("title", title).put("url", url).put("targetBlank", false);
  }

  private static ArrayNode targets(Panel panel) {
    var targets = array();
    for (int i = 0; i < panel.queries().size(); i++) {
      var query = panel.queries().get(i);
      var json = targets.addObject().put("refId", refId(i));
      json.set("datasource", datasource());
      json.put("editorMode", "code").put("expr", query.expression());
      json.put("instant", panel.kind().instant()).put("range", !panel.kind().instant());
      if (panel.kind() == Kind.TABLE) {
        json.put("format", "table");
      } else {
        json.put("format", "time_series").put("legendFormat", query.title());
      }
    }
    return targets;
  }

  private static String refId(int index) {
    return String.valueOf((char) ('A' + index));
  }

  private static ObjectNode defaults(Panel panel) {
    var json = look(object(), panel.look());
    json.putObject("color").put("mode", mode(panel));
    var custom = json.putObject("custom");
    switch (panel.kind()) {
      case LINES -> {
        custom.put("drawStyle", "line").put("lineWidth", 1).put("showPoints", "never");
        custom.put("fillOpacity", panel.stacked() ? 30 : 5).put("spanNulls", false);
        custom.put("axisSoftMin", 0);
        custom.putObject("stacking").put("mode", panel.stacked() ? "normal" : "none");
        var lines = panel.look().steps().isEmpty() ? "off" : "dashed";
        custom.putObject("thresholdsStyle").put("mode", lines);
      }
      case STATES -> custom.put("fillOpacity", 80).put("lineWidth", 0);
      case TABLE -> custom.put("align", "auto").putObject("cellOptions").put("type", "auto");
      case STAT, BARS -> json.remove("custom");
    }
    return json;
  }

  private static String mode(Panel panel) {
    return panel.kind() == Kind.LINES ? "palette-classic" : "thresholds";
  }

  private static ObjectNode look(ObjectNode json, Look look) {
    json.put("unit", look.unit().grafana());
    json.put("noValue", look.absent());
    json.set("mappings", mappings(look.meanings()));
    json.set("thresholds", thresholds(look));
    return json;
  }

  private static ArrayNode mappings(List<Meaning> meanings) {
    var mappings = array();
    if (!meanings.isEmpty()) {
      var options = mappings.addObject().put("type", "value").putObject("options");
      for (int i = 0; i < meanings.size(); i++) {
        var meaning = meanings.get(i);
        options
            .putObject(Long.toString(Math.round(meaning.value())))
            .put("text", meaning.text())
            .put("color", meaning.colour().grafana())
            .put("index", i);
      }
    }
    return mappings;
  }

  private static ObjectNode thresholds(Look look) {
    var json = object().put("mode", "absolute");
    var steps = json.putArray("steps");
    steps.addObject().put("color", look.base().grafana()).putNull("value");
    look.steps()
        .forEach(s -> steps.addObject().put("color", s.colour().grafana()).put("value", s.from()));
    return json;
  }

  /// What the columns of a table look like, each for itself.
  private static ArrayNode overrides(Panel panel) {
    var overrides = array();
    if (panel.kind() != Kind.TABLE) {
      return overrides;
    }
    for (var query : panel.queries()) {
      var override = overrides.addObject();
      override.putObject("matcher").put("id", "byName").put("options", query.title());
      var properties = override.putArray("properties");
      var look = look(object(), query.look());
      look.properties()
          .forEach(
              each ->
                  properties.addObject().put("id", each.getKey()).set("value", each.getValue()));
      if (query.look().coloured()) {
        properties
            .addObject()
            .put("id", "custom.cellOptions")
            .putObject("value")
            .put("type", "color-text");
      }
    }
    if (panel.keys().containsKey("alertname")) {
      overrides.add(runbookOfTheRow(panel));
    }
    return overrides;
  }

  private static ObjectNode runbookOfTheRow(Panel panel) {
    var title = panel.keys().getOrDefault("alertname", "");
    var override = object();
    override.putObject("matcher").put("id", "byName").put("options", title);
    override
        .putArray("properties")
        .addObject()
        .put("id", "links")
        .putArray("value")
        .add(link("Runbook", RUNBOOKS + "${__value.raw}.md"));
    return override;
  }

  private static ObjectNode options(Panel panel) {
    return switch (panel.kind()) {
      case STAT -> {
        var json = object().put("colorMode", panel.look().coloured() ? "background" : "value");
        json.put("graphMode", "none").put("justifyMode", "auto").put("orientation", "auto");
        json.put("textMode", panel.named() ? "value_and_name" : "auto").put("wideLayout", true);
        json.set("reduceOptions", last());
        yield json;
      }
      case BARS -> {
        var json = object().put("displayMode", "basic").put("orientation", "horizontal");
        json.put("valueMode", "color").put("showUnfilled", true);
        json.set("reduceOptions", last());
        yield json;
      }
      case LINES -> {
        var json = object();
        json.set("legend", legend("table").set("calcs", array().add("lastNotNull").add("max")));
        json.putObject("tooltip").put("mode", "multi").put("sort", "desc");
        yield json;
      }
      case STATES -> {
        var json = object().put("mergeValues", true).put("showValue", "auto");
        json.put("alignValue", "left").put("rowHeight", 0.8);
        json.set("legend", legend("list"));
        json.putObject("tooltip").put("mode", "single").put("sort", "none");
        yield json;
      }
      case TABLE -> {
        var json = object().put("showHeader", true).put("cellHeight", "sm");
        var sorted = json.putArray("sortBy");
        panel.keys().values().stream()
            .findFirst()
            .ifPresent(t -> sorted.addObject().put("displayName", t).put("desc", false));
        yield json;
      }
    };
  }

  private static ObjectNode last() {
    var json = object().put("values", false).put("fields", "");
    json.putArray("calcs").add("lastNotNull");
    return json;
  }

  private static ObjectNode legend(String mode) {
    return object().put("showLegend", true).put("displayMode", mode).put("placement", "bottom");
  }

  /// Each query becomes a column; rows of the same labels become one.
  private static ArrayNode transformations(Panel panel) {
    var transformations = array();
    transformations.addObject().put("id", "merge").putObject("options");
    var options = transformations.addObject().put("id", "organize").putObject("options");
    options.putObject("excludeByName").put("Time", true);
    var order = options.putObject("indexByName");
    var names = options.putObject("renameByName");
    int index = 0;
    for (var key : panel.keys().entrySet()) {
      order.put(key.getKey(), index++);
      names.put(key.getKey(), key.getValue());
    }
    for (int i = 0; i < panel.queries().size(); i++) {
      // Grafana calls the column of a query that is alone just Value.
      for (String value : panel.queries().size() == 1 ? ALONE : List.of("Value #" + refId(i))) {
        order.put(value, index++);
        names.put(value, panel.queries().get(i).title());
      }
    }
    return transformations;
  }

  private static ObjectNode datasource() {
    return object().put("type", "prometheus").put("uid", "${datasource}");
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }
}
