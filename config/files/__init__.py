"""Spring Boot's config data: files, imports, profiles."""
