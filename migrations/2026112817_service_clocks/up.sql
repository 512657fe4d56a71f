-- Clocks of platforms' services that are wrong: seconds ahead of ours, and when that was seen.
CREATE TABLE service_clock (
    platform_id TEXT NOT NULL REFERENCES platform (id),
    host TEXT NOT NULL,
    service TEXT NOT NULL,
    ahead BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (platform_id, host, service)
);
