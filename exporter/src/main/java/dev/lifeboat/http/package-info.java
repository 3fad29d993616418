/// The daemon's HTTP face: /metrics, /livez, /readyz and the status page. The only package that
/// knows Vert.x.
@NullMarked
package dev.lifeboat.http;

import org.jspecify.annotations.NullMarked;
