var config = {
    hosts: {
        domain: {{ domain }},
        muc: {{ "conference." ~ domain }},
    },
    bosh: {{ "//" ~ host ~ "/http-bind" }},
    prejoinConfig: { enabled: true },
};
