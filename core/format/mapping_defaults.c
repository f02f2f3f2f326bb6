/* mapping_defaults.c: where the fields are in the records of each preset (docs/formats.md). Of an
 * exchange score, decision, threshold and label are places in a row of the payload. */
#include "core/format/mapping_parts.h"

/* In the request, the response or beside them. */
#define WITHIN(key) "$." key " | $.response." key " | $.output." key " | $.result." key
#define AROUND(key) "$." key " | $.request." key " | $.input." key " | $.response." key
#define ROW_SCORE                                                                                  \
	"$.fraud_probability | $.fraud_score | $.score | $.probability | $.probabilities | "       \
	"$.proba | $.predict_proba | $.prediction_score | $.output_probability | $.scores | "      \
	"$.risk_score"
#define ROW_DECISION                                                                               \
	"$.is_fraud | $.decision | $.predicted_label | $.predicted_class | $.output_label | "      \
	"$.label | $.class"

const char *const mapping_defaults[PRESETS][MAPPING_FIELDS] = {
    [PRESET_FRAUDTOP] = {RECORD_DEFAULT_PATHS},
    [PRESET_FASTAPI] =
	{
	    [RECORD_TS] = "$.ts | $.timestamp | $.time | $[\"@timestamp\"] | $.created_at | "
			  "$.datetime | $.response.timestamp | $.request.timestamp | "
			  "$.input.timestamp | $.output.timestamp",
	    [RECORD_REQUEST_ID] = AROUND("request_id") " | " AROUND("transaction_id") " | " AROUND(
		"prediction_id") " | $.output.request_id | $.id",
	    [RECORD_SERVICE] = "$.service | $.service_name",
	    [RECORD_MODEL] = WITHIN("model") " | " WITHIN("model_name"),
	    [RECORD_VERSION] = WITHIN("model_version") " | " WITHIN("version"),
	    [RECORD_SEGMENT] = AROUND("segment"),
	    [RECORD_SCORE] = WITHIN("fraud_probability") " | " WITHIN("fraud_score") " | " WITHIN(
		"probability") " | " WITHIN("score") " | "
						     "$.prediction.fraud_probability | "
						     "$.prediction.probability | "
						     "$.prediction.score",
	    [RECORD_THRESHOLD] = WITHIN("threshold"),
	    [RECORD_DECISION] =
		WITHIN("is_fraud") " | " WITHIN("decision") " | $.prediction.is_fraud",
	    [RECORD_LATENCY] = WITHIN("latency_ms") " | " WITHIN(
		"processing_time_ms") " | "
				      "$.duration_ms | $.response_time_ms | " WITHIN(
					  "inference_time_ms"),
	    [RECORD_STATUS] = "$.status_code | $.response.status_code | $.http_status",
	    [RECORD_LABEL] = "$.label | $.true_label | $.actual | $.ground_truth",
	    [RECORD_FEATURES] = "$.features | $.request.features | $.input.features | "
				"$.request.transaction | $.input.transaction | $.transaction | "
				"$.request.body | $.request | $.input | $.inputs | $.payload",
	    [RECORD_ATTRIBUTIONS] = "$.attributions | $.shap_values | $.response.shap_values",
	},
    [PRESET_CAPTURE] =
	{
	    [RECORD_TS] = "$.eventMetadata.inferenceTime",
	    [RECORD_REQUEST_ID] = "$.eventMetadata.inferenceId | $.eventMetadata.eventId",
	    [RECORD_SCORE] = ROW_SCORE,
	    [RECORD_THRESHOLD] = "$.threshold",
	    [RECORD_DECISION] = ROW_DECISION,
	    [RECORD_LABEL] = "$.label | $.ground_truth | $.target | $.y",
	    [MAPPING_INPUT] = "$.captureData.endpointInput.data | "
			      "$.captureData.batchTransformInput.data",
	    [MAPPING_OUTPUT] = "$.captureData.endpointOutput.data | "
			       "$.captureData.batchTransformOutput.data",
	    [MAPPING_TRUTH] = "$.groundTruthData.data",
	    [MAPPING_INPUT_ENCODING] = "$.captureData.endpointInput.encoding | "
				       "$.captureData.batchTransformInput.encoding",
	    [MAPPING_OUTPUT_ENCODING] = "$.captureData.endpointOutput.encoding | "
					"$.captureData.batchTransformOutput.encoding",
	    [MAPPING_TRUTH_ENCODING] = "$.groundTruthData.encoding",
	},
    [PRESET_EVENTS] =
	{
	    [RECORD_TS] = "$.time | $.headers.ce-time | $.headers.Ce-Time",
	    [RECORD_REQUEST_ID] = "$.requestid | $.headers.ce-requestid | "
				  "$.headers.Ce-Requestid | $.id | $.headers.ce-id | "
				  "$.headers.Ce-Id",
	    [RECORD_SERVICE] = "$.inferenceservicename | $.headers.ce-inferenceservicename | "
			       "$.headers.Ce-Inferenceservicename",
	    [RECORD_MODEL] = "$.modelid | $.headers.ce-modelid | $.headers.Ce-Modelid",
	    [RECORD_SEGMENT] = "$.endpoint | $.headers.ce-endpoint | $.headers.Ce-Endpoint",
	    [RECORD_SCORE] = ROW_SCORE,
	    [RECORD_THRESHOLD] = "$.threshold",
	    [RECORD_DECISION] = ROW_DECISION,
	    [MAPPING_INPUT] = "$.data | $.data_base64 | $.body | $.payload",
	    [MAPPING_TYPE] = "$.type | $.headers.ce-type | $.headers.Ce-Type",
	},
    [PRESET_TENSORS] =
	{
	    [RECORD_TS] = "$.ts | $.timestamp | $.time | $[\"@timestamp\"] | $.timestamp_ms",
	    [RECORD_REQUEST_ID] = "$.request_id | $.id | $.response.id | $.request.id | "
				  "$.transaction_id | $.response.transaction_id | "
				  "$.prediction_id | $.databricks_request_id",
	    [RECORD_SERVICE] = "$.service",
	    [RECORD_MODEL] = "$.model | $.model_name | $.response.model_name",
	    [RECORD_VERSION] = "$.version | $.model_version | $.response.model_version",
	    [RECORD_SEGMENT] = "$.segment",
	    [RECORD_SCORE] = ROW_SCORE,
	    [RECORD_THRESHOLD] = "$.threshold",
	    [RECORD_DECISION] = ROW_DECISION " | $.predict",
	    [RECORD_LATENCY] = "$.latency_ms | $.duration_ms | $.execution_time_ms",
	    [RECORD_STATUS] = "$.status | $.status_code",
	    [MAPPING_INPUT] = "$.request | $.input | $",
	    [MAPPING_OUTPUT] = "$.response | $.output | $",
	},
    [PRESET_CSV] =
	{
	    [RECORD_TS] = "ts | timestamp | time | event_time | datetime | "
			  "trans_date_trans_time | EVENT_TIMESTAMP | date",
	    [RECORD_REQUEST_ID] = "request_id | transaction_id | prediction_id | event_id | "
				  "trans_num | EVENT_ID | id",
	    [RECORD_SERVICE] = "service",
	    [RECORD_MODEL] = "model | model_name",
	    [RECORD_VERSION] = "version | model_version",
	    [RECORD_SEGMENT] = "segment",
	    [RECORD_SCORE] = "score | fraud_probability | fraud_score | probability | proba | "
			     "y_pred_proba | prediction_score",
	    [RECORD_THRESHOLD] = "threshold",
	    [RECORD_DECISION] = "decision | predicted_label | prediction | y_pred",
	    [RECORD_LATENCY] = "latency_ms | processing_time_ms | duration_ms",
	    [RECORD_STATUS] = "status | status_code",
	    [RECORD_LABEL] = "label | is_fraud | y_true | fraud | Class | EVENT_LABEL | target",
	},
};
