package main

import (
	"os"
	"path/filepath"
)

// client is one row of the matrix. A client without a language is one of the
// programs that come with Redis, whose checks are functions of this package.
type client struct {
	name     string
	language *language
	command  []string // relative to the language's directory
	checks   []check
}

// language is a directory of scripts, and how its clients are installed.
type language struct {
	name    string
	tools   []string // commands that the machine must have
	env     []string
	install [][]string // run in the copy of the directory
}

var (
	golang = &language{
		name: "go", tools: []string{"go"},
		install: [][]string{{"go", "vet", "./..."}, {"go", "build", "-o", "bin/", "./..."}},
	}
	python = &language{
		name: "python", tools: []string{"python3"},
		install: [][]string{
			{"python3", "-m", "venv", "newest"},
			{"newest/bin/pip", "install", "--quiet", "--no-deps", "--requirement", "newest.txt"},
			{"python3", "-m", "venv", "redis5"},
			{"redis5/bin/pip", "install", "--quiet", "--no-deps", "--requirement", "redis5.txt"},
		},
	}
	node = &language{
		name: "node", tools: []string{"node", "npm"},
		install: [][]string{{"npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"}},
	}
	java = &language{
		name: "java", tools: []string{"javac", "mvn"},
		install: [][]string{{"mvn", "--quiet", "--batch-mode", "process-classes"}},
	}
	rust = &language{
		name: "rust", tools: []string{"cargo"},
		install: [][]string{{"cargo", "build", "--quiet", "--locked"}},
	}
)

var matrix = []client{
	{name: "redis-cli", checks: cliChecks},
	{name: "redis-benchmark", checks: benchmarkChecks},
	{name: "go-redis", language: golang, command: []string{"bin/goredis"}},
	{name: "rueidis", language: golang, command: []string{"bin/rueidis"}},
	{name: "redis-py", language: python, command: []string{"newest/bin/python", "redispy.py"}},
	{name: "redis-py-5", language: python, command: []string{"redis5/bin/python", "redispy.py"}},
	{name: "coredis", language: python, command: []string{"newest/bin/python", "coredis_client.py"}},
	{name: "valkey-glide", language: python, command: []string{"newest/bin/python", "glide_client.py"}},
	{name: "django", language: python, command: []string{"newest/bin/python", "django_cache.py"}},
	{name: "node-redis", language: node, command: []string{"node", "noderedis.mjs"}},
	{name: "ioredis", language: node, command: []string{"node", "ioredis.mjs", "ioredis"}},
	{name: "ioredis-5", language: node, command: []string{"node", "ioredis.mjs", "ioredis5"}},
	{name: "keyv", language: node, command: []string{"node", "keyv.mjs"}},
	{name: "connect-redis", language: node, command: []string{"node", "sessions.mjs"}},
	{name: "jedis", language: java, command: javaMain("JedisClient")},
	{name: "lettuce", language: java, command: javaMain("LettuceClient")},
	{name: "redis-rs", language: rust, command: []string{"target/debug/redistill-clients"}},
}

func javaMain(class string) []string {
	classes := filepath.Join("target", "classes") + string(os.PathListSeparator) + filepath.Join("target", "libraries", "*")
	return []string{"java", "-cp", classes, class}
}
