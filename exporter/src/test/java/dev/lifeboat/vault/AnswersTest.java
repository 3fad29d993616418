package dev.lifeboat.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.vault.VaultException.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class AnswersTest {
  @ParameterizedTest
  @CsvSource({
    "516.49ms, PT0.51649S",
    "0s, PT0S",
    "1m2.5s, PT1M2.5S",
    "24h0m0s, PT24H",
    "15µs, PT0.000015S",
    "15us, PT0.000015S",
    "7ns, PT0.000000007S"
  })
  void durations_of_go_are_read(String text, Duration expected) {
    assertEquals(Optional.of(expected), Json.duration(value("\"" + text + "\""), "x"));
  }

  @ParameterizedTest
  @CsvSource({"''", "5", "s", "1.2.3s", "1s2", "soon", "-1s"})
  void what_is_no_duration_is_absent(String text) {
    assertEquals(Optional.empty(), Json.duration(value("\"" + text + "\""), "x"));
  }

  @Test
  void fields_of_another_type_are_absent() {
    assertEquals(Optional.empty(), Json.instant(value("\"yesterday\""), "x"));
    assertEquals(Optional.empty(), Json.instant(value("7"), "x"));
    assertEquals(Optional.empty(), Json.optionalText(value("[]"), "x"));
    assertEquals(OptionalLong.empty(), Json.optionalExact(value("1.5"), "x"));
    assertEquals(OptionalLong.empty(), Json.optionalExact(value("18446744073709551615"), "x"));
    assertEquals(
        OptionalLong.of(9007199254740993L), Json.optionalExact(value("9007199254740993"), "x"));
    assertEquals(0, Json.integer(value("{}"), "x"));
    assertEquals(0, Json.exact(value("\"many\""), "x"));
  }

  @Test
  void json_that_ends_early_and_what_is_no_json_are_told_apart() {
    assertEquals(Reason.TRUNCATED, VaultNodeTest.reason(() -> parse("{\"a\":[1,")));
    assertEquals(Reason.TRUNCATED, VaultNodeTest.reason(() -> parse("{\"a\":\"b")));
    assertEquals(Reason.TRUNCATED, VaultNodeTest.reason(() -> parse("{\"a\":tr")));
    assertEquals(Reason.NOT_JSON, VaultNodeTest.reason(() -> parse("")));
    assertEquals(Reason.NOT_JSON, VaultNodeTest.reason(() -> parse("<html>")));
    assertEquals(Reason.NOT_JSON, VaultNodeTest.reason(() -> parse("{}{}")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'version':'2.7.2'}                                      | OPENBAO",
        "{'version':'2.0.0','enterprise':false}                   | VAULT",
        "{'version':'1.13.1'}                                     | VAULT",
        "{'version':'0.11.0'}                                     | VAULT",
        "{'version':'3.0.0'}                                      | UNKNOWN",
        "{}                                                       | UNKNOWN"
      })
  void the_product_is_told_by_health(String health, Product product) {
    assertEquals(product, Product.ofHealth(parse(health.replace('\'', '"'))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'version':'2.7.2','commit_date':'2026-10-26T20:32:27Z'} | OPENBAO",
        "{'version':'1.21.0','build_date':'2025-11-22T10:11:37Z'} | VAULT",
        "{'version':'2.0.0','build_date':'2025-11-22T10:11:37Z'}  | UNKNOWN"
      })
  void the_product_is_told_by_the_seal_status(String status, Product product) {
    assertEquals(product, Product.ofSealStatus(parse(status.replace('\'', '"'))));
  }

  @Test
  void the_seal_status_decides_when_health_does_not() {
    Optional<SealStatus> status =
        Optional.of(SealStatus.from(parse("{\"version\":\"9.0\",\"commit_date\":\"x\"}")));
    Optional<Health> health = Optional.of(Health.from(200, parse("{\"version\":\"9.0\"}")));

    assertEquals(Product.OPENBAO, Product.of(health, status));
    assertEquals(Product.OPENBAO, Product.of(Optional.empty(), status));
    assertEquals(Product.UNKNOWN, Product.of(health, Optional.empty()));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/sys/health, sys_health",
    "GET, sys/storage/raft/snapshot, raft_snapshot",
    "POST, /v1/auth/team-a/approle/login, auth_login",
    "POST, /v1/auth/token/renew-self, auth_renew",
    "GET, /v1/secret/data/a-users-words, read",
    "LIST, sys/policies/acl, list",
    "PUT, /v1/transit/encrypt/x, write"
  })
  void endpoints_have_bounded_names(String method, String path, String name) {
    assertEquals(name, Endpoint.name(method, path));
  }

  private static JsonNode value(String json) {
    return parse("{\"x\":" + json + "}");
  }

  private static JsonNode parse(String json) {
    return Json.parse("test", json.getBytes(UTF_8));
  }
}
