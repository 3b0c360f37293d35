"""From a verified pass or a rejection to a verdict, under the rules of this site. Pure."""
