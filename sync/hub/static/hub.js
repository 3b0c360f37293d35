// Renews the page as soon as a gate suspects a forgery, not only at its next turn.
new EventSource("/events").addEventListener("suspicion", () => location.reload());
