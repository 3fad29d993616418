/// `./lifeboat bench`: how long a backup takes beside the server's own command line, how much
/// memory, how quick a scrape, how soon a seal shows. Every figure has the figure that it is
/// compared with, from the same run on the same machine.
///
/// A [Benchmark] sets up what it needs on the [Workbench], measures, and gives [Finding]s; the
/// [Report] prints them. What the figures mean: `docs/benchmarks.md`.
@NullMarked
package dev.lifeboat.lab.bench;

import org.jspecify.annotations.NullMarked;
