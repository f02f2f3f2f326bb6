#include "core/config/config.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/config/settings.h"

struct config *
config_new(void)
{
	struct config *config = mem_alloc(sizeof(*config));
	config->lines = mem_alloc(settings_count * sizeof(*config->lines));
	settings_defaults("", config);
	for (size_t i = 0; i < settings_sections_count; i++) {
		if (!settings_sections[i].list)
			settings_defaults(settings_sections[i].name, config);
	}
	return config;
}

static void
free_strings(char **strings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(strings[i]);
	free(strings);
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	for (size_t i = 0; i < config->services_count; i++) {
		struct config_service *service = &config->services[i];
		free_strings(service->logs, service->logs_count);
		free_strings(service->labels, service->labels_count);
	}
	free(config->services);
	for (size_t i = 0; i < config->mappings_count; i++) {
		struct config_mapping *mapping = &config->mappings[i];
		free_strings(mapping->named, mapping->named_count);
		free_strings(mapping->columns, mapping->columns_count);
		free_strings(mapping->positive, mapping->positive_count);
		free_strings(mapping->negative, mapping->negative_count);
	}
	free(config->mappings);
	if (config->access != NULL)
		OPENSSL_cleanse(config->access, config->access_count * sizeof(*config->access));
	free(config->access);
	free(config->registries);
	free(config->references);
	free(config->features);
	free(config->expectations);
	buf_free(&config->ahead);
	free(config->lines);
	free(config);
}

const struct config_service *
config_service(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->services_count; i++) {
		if (strcmp(config->services[i].name, name) == 0)
			return &config->services[i];
	}
	return NULL;
}

const struct config_registry *
config_registry(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->registries_count; i++) {
		if (strcmp(config->registries[i].name, name) == 0)
			return &config->registries[i];
	}
	return NULL;
}

const struct config_feature *
config_feature(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->features_count; i++) {
		if (strcmp(config->features[i].name, name) == 0)
			return &config->features[i];
	}
	return NULL;
}

int64_t
config_feature_window(const struct config *config, const struct config_feature *own)
{
	return own != NULL && own->window_us > 0 ? own->window_us : config->comparison_us;
}

const struct config_mapping *
config_mapping(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->mappings_count; i++) {
		if (strcmp(config->mappings[i].name, name) == 0)
			return &config->mappings[i];
	}
	return NULL;
}

const struct config_registry *
config_registry_of(const struct config *config, const struct config_service *service)
{
	if (service->registry[0] != '\0')
		return config_registry(config, service->registry);
	return config->registries_count == 1 ? &config->registries[0] : NULL;
}
