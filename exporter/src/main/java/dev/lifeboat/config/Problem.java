package dev.lifeboat.config;

/// One mistake in the configuration, where it stands and what to do about it.
///
/// @param origin `file:line`, or the file alone when no line is known
/// @param key the full dotted path, such as `backup.schedules.daily.cron`
/// @param message lower case, names the value that was found
/// @param hint the next action; empty when there is none to give
public record Problem(String origin, String key, String message, String hint) {}
