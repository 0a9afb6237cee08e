package runner

// Read cuts a line into words and binds all but the first, for tests of what people type.
func (c Command) Read(line string) (map[string][]string, error) {
	words, err := split(line)
	if err != nil {
		return nil, err
	}
	return c.read(line, words[1:])
}
