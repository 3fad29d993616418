/// The daemon's HTTP face: /metrics, /livez, /readyz and the status page. The only package that
/// knows Vert.x.
///
/// Answers from memory, with every queue, size and time bounded. Depends on `metrics`, `status` and
/// `config`.
@NullMarked
package dev.lifeboat.http;

import org.jspecify.annotations.NullMarked;
